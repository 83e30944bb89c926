#ifndef APP_VERSION_H
#define APP_VERSION_H

#define PEPPERCORN_VERSION "0.1"

#endif
