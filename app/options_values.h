/* Parsers of the values that are more than a word; one per option. */
#ifndef APP_OPTIONS_VALUES_H
#define APP_OPTIONS_VALUES_H

#include "app/options.h"

bool opt_machine(Options *o, const char *arg, GError **err);
bool opt_accel(Options *o, const char *arg, GError **err);
bool opt_smp(Options *o, const char *arg, GError **err);
bool opt_memory(Options *o, const char *arg, GError **err);
bool opt_display(Options *o, const char *arg, GError **err);
bool opt_mon(Options *o, const char *arg, GError **err);
bool opt_rtc(Options *o, const char *arg, GError **err);
bool opt_icount(Options *o, const char *arg, GError **err);
bool opt_action(Options *o, const char *arg, GError **err);
bool opt_name(Options *o, const char *arg, GError **err);
bool opt_boot(Options *o, const char *arg, GError **err);
bool opt_uuid(Options *o, const char *arg, GError **err);
/* After all -smp: fills in what was not said, checks that it multiplies. */
bool opt_smp_finish(Options *o, GError **err);

#endif
