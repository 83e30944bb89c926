/* The command line: what it accepts, what it makes of it, how it refuses. */
#include <check.h>
#include <string.h>
#include "app/keyval.h"
#include "app/objects.h"
#include "app/options.h"

enum { ARGS_MAX = 32 };

/* Splits at blanks, for the tests' own lines. */
static bool parse(Options *o, const char *line, GError **err)
{
	char **words = g_strsplit(line, " ", -1);
	const char *argv[ARGS_MAX + 1] = { "peppercorn" };
	int argc = 1;
	bool ok;

	for (char **w = words; *w && argc < ARGS_MAX; w++)
		if (**w)
			argv[argc++] = *w;
	ok = options_parse(o, argc, argv, err);
	g_strfreev(words);
	return ok;
}

static void good(Options *o, const char *line)
{
	GError *err = NULL;

	ck_assert_msg(parse(o, line, &err), "%s: %s", line, err ? err->message : "no message");
	ck_assert_ptr_null(err);
}

static void bad(const char *line, const char *message)
{
	Options o;
	GError *err = NULL;

	ck_assert_msg(!parse(&o, line, &err), "%s: accepted", line);
	ck_assert_ptr_nonnull(err);
	ck_assert_str_eq(err->message, message);
	ck_assert_ptr_null(strchr(err->message, '\n'));
	g_error_free(err);
	options_free(&o);
}

static const CharSpec *spec(const GPtrArray *list, guint n)
{
	ck_assert_uint_lt(n, list->len);
	return g_ptr_array_index(list, n);
}

START_TEST(test_plain)
{
	Options o;

	good(&o, "-M pseries,cap-htm=off,ic-mode=xive -cpu power9 -smp 4 -m 2G -kernel vmlinux "
		 "-initrd rd -append console=hvc0 -name box,process=x -S -no-reboot "
		 "-uuid 12345678-1234-1234-1234-123456789abc --nodefaults");
	ck_assert_int_eq(o.what, OPT_RUN);
	ck_assert_str_eq(o.machine, "pseries");
	ck_assert_str_eq(g_hash_table_lookup(o.props, "cap-htm"), "off");
	ck_assert_str_eq(g_hash_table_lookup(o.props, "ic-mode"), "xive");
	ck_assert_str_eq(o.cpu, "power9");
	ck_assert_uint_eq(o.smp, 4);
	ck_assert_uint_eq(o.ram, UINT64_C(2) << 30);
	ck_assert_str_eq(o.kernel, "vmlinux");
	ck_assert_str_eq(o.initrd, "rd");
	ck_assert_str_eq(o.append, "console=hvc0");
	ck_assert_str_eq(o.name, "box");
	ck_assert(o.start_stopped && o.no_reboot && !o.no_shutdown && o.nodefaults);
	ck_assert_uint_eq(o.serials->len, 0);
	ck_assert_uint_eq(o.monitors->len, 0);
	options_free(&o);
}
END_TEST

START_TEST(test_machine_forms)
{
	Options o;

	good(&o, "-machine type=pseries,accel=kvm:tcg,kernel=k,append=a");
	ck_assert_str_eq(o.machine, "pseries");
	ck_assert_ptr_null(o.accel);
	ck_assert_str_eq(o.kernel, "k");
	ck_assert_str_eq(o.append, "a");
	options_free(&o);
	good(&o, "-accel interp -M x -machine usb=off");
	ck_assert_str_eq(o.accel, "interp");
	ck_assert_str_eq(o.machine, "x");
	ck_assert_str_eq(g_hash_table_lookup(o.props, "usb"), "off");
	options_free(&o);
	good(&o, "-accel interp,strict-reservations=on");
	ck_assert(o.accel_strict);
	options_free(&o);
	good(&o, "-accel tcg,thread=multi,tb-size=64");
	ck_assert(!o.accel_strict);
	ck_assert_ptr_null(o.accel);
	options_free(&o);
	bad("-accel warp", "-accel warp: no such accelerator; there are interp, jit and tcg");
	bad("-accel kvm", "-accel kvm: needs a PowerPC host; there are interp, jit and tcg");
	bad("-M pseries,accel=warp",
	    "-M pseries,accel=warp: accel=warp: no such accelerator; there are interp, jit and tcg");
	bad("-M pseries,,x=1,=2", "-M pseries,,x=1,=2: an empty name between commas");
}
END_TEST

START_TEST(test_memory)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} sizes[] = {
		{ "512", UINT64_C(512) << 20 },	      { "1g", UINT64_C(1) << 30 },
		{ "1.5G", UINT64_C(3) << 29 },	      { "524288k", UINT64_C(512) << 20 },
		{ "size=2T", UINT64_C(2) << 40 },     { "1G,slots=4,maxmem=8G", UINT64_C(1) << 30 },
		{ "1073741824B", UINT64_C(1) << 30 },
	};
	char line[64];
	Options o;

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_snprintf(line, sizeof(line), "-m %s", sizes[i].text);
		good(&o, line);
		ck_assert_uint_eq(o.ram, sizes[i].bytes);
		options_free(&o);
	}
	bad("-m 12q", "-m 12q: not a size (a number and k, M, G or T)");
	bad("-m -1", "-m -1: not a size (a number and k, M, G or T)");
	bad("-m 1..5G", "-m 1..5G: not a size (a number and k, M, G or T)");
	bad("-m 0", "-m 0: no machine has that much memory");
	bad("-m 99999999G", "-m 99999999G: no machine has that much memory");
	bad("-m 99999999999999999999",
	    "-m 99999999999999999999: not a size (a number and k, M, G or T)");
	bad("-m 1G,slots=2", "-m 1G,slots=2: slots= needs maxmem=");
	bad("-m 2G,maxmem=1G", "-m 2G,maxmem=1G: maxmem= is smaller than the memory itself");
	bad("-m 1G,slotz=2", "-m 1G,slotz=2: unknown property 'slotz'; did you mean 'slots'?");
}
END_TEST

START_TEST(test_smp)
{
	static const struct {
		const char *text;
		unsigned cpus, sockets, cores, threads, max;
	} cases[] = {
		{ "4", 4, 1, 4, 1, 4 },
		{ "cpus=2,maxcpus=8", 2, 1, 8, 1, 8 },
		{ "8,threads=2", 8, 1, 4, 2, 8 },
		{ "8,cores=2,threads=2", 8, 2, 2, 2, 8 },
		{ "sockets=2,cores=3", 6, 2, 3, 1, 6 },
		{ "8,sockets=2,cores=2", 8, 2, 2, 2, 8 },
		{ "2,dies=1", 2, 1, 2, 1, 2 },
	};
	char line[64];
	Options o;

	good(&o, "");
	ck_assert_uint_eq(o.smp, 1);
	options_free(&o);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_snprintf(line, sizeof(line), "-smp %s", cases[i].text);
		good(&o, line);
		ck_assert_uint_eq(o.smp, cases[i].cpus);
		ck_assert_uint_eq(o.sockets, cases[i].sockets);
		ck_assert_uint_eq(o.cores, cases[i].cores);
		ck_assert_uint_eq(o.threads, cases[i].threads);
		ck_assert_uint_eq(o.maxcpus, cases[i].max);
		options_free(&o);
	}
	bad("-smp 0", "-smp 0: must be 1 to 65536");
	bad("-smp abc", "-smp abc: needs a number");
	bad("-smp 4x", "-smp 4x: not a number");
	bad("-smp -1", "-smp -1: not a number");
	bad("-smp 2,cores=3", "-smp: 1 sockets x 3 cores x 1 threads are not 2 CPUs");
	bad("-smp 4,maxcpus=2", "-smp: 4 CPUs are more than maxcpus=2");
	bad("-smp 4,dies=2", "-smp 4,dies=2: dies=2: must be 1 to 1");
}
END_TEST

START_TEST(test_unknown)
{
	bad("-kernl x", "-kernl: unknown option; did you mean -kernel?");
	bad("--nographics", "-nographics: unknown option; did you mean -nographic?");
	bad("-zzzzzz", "-zzzzzz: unknown option");
	bad("-drive file=x", "-drive: not supported yet");
	bad("-netdev user,id=n", "-netdev: not supported yet");
	bad("-device virtio-net", "-device virtio-net: not supported yet");
	bad("-nic user", "-nic user: not supported yet; there is none");
	bad("disk.img", "disk.img: disk images are not supported yet");
	bad("-kernel", "-kernel: needs FILE");
	bad("-append x", "-append: needs -kernel");
	bad("-initrd x", "-initrd: needs -kernel");
	bad("-uuid 1", "-uuid 1: not a UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)");
	bad("-display gtk", "-display gtk: not supported yet; there is -display none");
	bad("-seed x", "-seed x: not a number");
	bad("-prom-env x", "-prom-env x: must be name=value");
	bad("-boot oder=c", "-boot oder=c: unknown property 'oder'; did you mean 'order'?");
}
END_TEST

START_TEST(test_help)
{
	static const struct {
		const char *line;
		OptionsWhat what;
	} cases[] = {
		{ "-h", OPT_HELP },
		{ "--help -nonsense", OPT_HELP },
		{ "-version", OPT_VERSION },
		{ "-M help", OPT_MACHINE_HELP },
		{ "-cpu help", OPT_CPU_HELP },
		{ "-M pseries,help", OPT_PROPS_HELP },
		{ "-d help", OPT_LOG_HELP },
		{ "-device help", OPT_TEXT_HELP },
		{ "-accel help", OPT_TEXT_HELP },
	};
	GString *text = g_string_new(NULL);
	Options o;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		good(&o, cases[i].line);
		ck_assert_int_eq(o.what, cases[i].what);
		options_free(&o);
	}
	options_help(text);
	ck_assert_ptr_nonnull(strstr(text->str, "\n-kernel FILE\n"));
	ck_assert_ptr_nonnull(strstr(text->str, "\n-M, -machine NAME"));
	g_string_free(text, TRUE);
}
END_TEST

/* Which back ends there are when the user names some or none. */
START_TEST(test_console_defaults)
{
	Options o;

	good(&o, "-nographic");
	ck_assert_uint_eq(o.serials->len, 1);
	ck_assert_uint_eq(o.monitors->len, 0);
	ck_assert_int_eq(spec(o.serials, 0)->kind, CHAR_KIND_STDIO);
	ck_assert(spec(o.serials, 0)->mon && spec(o.serials, 0)->mux);
	ck_assert(!spec(o.serials, 0)->signals);
	options_free(&o);

	good(&o, "-display none");
	ck_assert_int_eq(spec(o.serials, 0)->kind, CHAR_KIND_NULL);
	ck_assert_uint_eq(o.monitors->len, 0);
	options_free(&o);

	good(&o, "-nographic -monitor none");
	ck_assert_int_eq(spec(o.serials, 0)->kind, CHAR_KIND_STDIO);
	ck_assert(!spec(o.serials, 0)->mon && spec(o.serials, 0)->signals);
	options_free(&o);

	good(&o, "-nographic -serial file:log");
	ck_assert_int_eq(spec(o.serials, 0)->kind, CHAR_KIND_FILE);
	ck_assert_int_eq(spec(o.monitors, 0)->kind, CHAR_KIND_STDIO);
	options_free(&o);

	good(&o, "-serial stdio");
	ck_assert_uint_eq(o.monitors->len, 0);
	options_free(&o);

	good(&o, "-nodefaults -nographic");
	ck_assert_uint_eq(o.serials->len, 0);
	options_free(&o);

	good(&o, "-serial null -serial null -serial null -serial null");
	options_free(&o);
	bad("-serial null -serial null -serial null -serial null -serial pty",
	    "-serial pty: there are at most 4 serial ports");
}
END_TEST

START_TEST(test_chardevs)
{
	const CharSpec *s;
	Options o;

	good(&o,
	     "-serial unix:/tmp/a,,b,server,nowait -monitor tcp:[::1]:4444,server=on,wait=off "
	     "-serial telnet::77,server -serial chardev:c0 "
	     "-chardev socket,id=c0,path=/p,server=on,wait=off,mux=on -mon chardev=c0,mode=readline");
	s = spec(o.serials, 0);
	ck_assert_int_eq(s->kind, CHAR_KIND_SOCKET);
	ck_assert_str_eq(s->path, "/tmp/a,b");
	ck_assert(s->server && !s->wait);
	s = spec(o.monitors, 0);
	ck_assert_str_eq(s->host, "::1");
	ck_assert_str_eq(s->port, "4444");
	ck_assert(s->server && !s->wait && !s->telnet);
	s = spec(o.serials, 1);
	ck_assert_str_eq(s->host, "");
	ck_assert(s->telnet && s->server && s->wait);
	s = spec(o.serials, 2);
	ck_assert_int_eq(s->kind, CHAR_KIND_REF);
	ck_assert_str_eq(s->id, "c0");
	s = spec(o.chardevs, 0);
	ck_assert(s->mux && s->server && !s->wait);
	s = spec(o.monitors, 1);
	ck_assert_int_eq(s->kind, CHAR_KIND_REF);
	options_free(&o);

	bad("-serial foo", "-serial foo: no such character device");
	bad("-serial stido", "-serial stido: no such character device; did you mean stdio?");
	bad("-serial udp:1.2.3.4:5", "-serial udp:1.2.3.4:5: not supported yet");
	bad("-serial /dev/ttyS0", "-serial /dev/ttyS0: not supported yet");
	bad("-serial unix:", "-serial unix:: needs a path");
	bad("-monitor tcp:localhost", "-monitor tcp:localhost: needs host:port");
	bad("-serial unix:/x,reconnect=1",
	    "-serial unix:/x,reconnect=1: reconnect: not supported yet");
	bad("-serial unix:/x,server=maybe",
	    "-serial unix:/x,server=maybe: server=maybe: must be on or off");
	bad("-chardev stdio", "-chardev stdio: needs id=");
	bad("-chardev socket,id=a", "-chardev socket,id=a: needs path= or port=, not both");
	bad("-chardev file,id=a", "-chardev file,id=a: needs path=");
	bad("-chardev pty,id=a,path=x", "-chardev pty,id=a,path=x: unknown property 'path'");
	bad("-chardev file,id=a,pth=x",
	    "-chardev file,id=a,pth=x: unknown property 'pth'; did you mean 'path'?");
	bad("-mon mode=control,chardev=a",
	    "-mon mode=control,chardev=a: mode=control: not supported yet");
}
END_TEST

START_TEST(test_objects)
{
	const TlsSpec *s;
	Options o;

	good(&o, "-object tls-creds-x509,id=a,dir=/d,endpoint=server,verify-peer=off "
		 "-object tls-creds-psk,id=b,dir=/e,username=joe");
	ck_assert_uint_eq(o.objects->len, 2);
	s = g_ptr_array_index(o.objects, 0);
	ck_assert_str_eq(s->id, "a");
	ck_assert_str_eq(s->dir, "/d");
	ck_assert(!s->psk && s->server && !s->verify);
	s = g_ptr_array_index(o.objects, 1);
	ck_assert_str_eq(s->username, "joe");
	ck_assert(s->psk && !s->server && s->verify);
	options_free(&o);
	bad("-object rng-random,id=a", "-object rng-random,id=a: rng-random: not supported yet; "
				       "there is tls-creds-x509, tls-creds-psk, "
				       "memory-backend-ram, memory-backend-memfd");
	bad("-object tls-creds-x509,id=a", "-object tls-creds-x509,id=a: needs dir=");
	bad("-object tls-creds-x509,dir=a", "-object tls-creds-x509,dir=a: needs id=");
	bad("-object tls-creds-x509,id=a,dir=d,endpoint=both",
	    "-object tls-creds-x509,id=a,dir=d,endpoint=both: endpoint=both: neither server nor "
	    "client");
	bad("-object tls-creds-x509,id=a,dir=d -object tls-creds-psk,id=a,dir=d",
	    "-object tls-creds-psk,id=a,dir=d: id=a: there is one already");
}
END_TEST

START_TEST(test_memory_backend)
{
	static const struct {
		const char *line;
		bool shared;
	} rows[] = {
		{ "-object memory-backend-memfd,id=m,size=1G -M pseries,memory-backend=m", true },
		{ "-M memory-backend=m -m 1024 -object memory-backend-ram,id=m,size=1G,share=on",
		  true },
		{ "-M memory-backend=m -m 1G -object memory-backend-ram,id=m,size=1024M", false },
		{ "-M memory-backend=m -object memory-backend-memfd,id=m,size=1G,share=off",
		  false },
		{ "-M memory-backend=m -object memory-backend-memfd,id=m,size=1G,share=on,seal=on,"
		  "merge=off,dump=on,prealloc=off,hugetlb=off",
		  true },
	};
	Options o;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		good(&o, rows[i].line);
		ck_assert_uint_eq(o.ram, 1 << 30);
		ck_assert(o.ram_shared == rows[i].shared);
		options_free(&o);
	}
	bad("-m 512 -M memory-backend=m -object memory-backend-memfd,id=m,size=1G",
	    "-m: 536870912 bytes, and memory-backend=m has 1073741824");
	bad("-M memory-backend=m", "-M memory-backend=m: there is no memory -object of that id");
	bad("-object memory-backend-ram,id=m,size=1G",
	    "-object memory-backend-ram,id=m: nothing uses it; -M memory-backend=m does");
	bad("-object memory-backend-memfd,id=m", "-object memory-backend-memfd,id=m: needs size=");
	bad("-object memory-backend-ram,id=m,size=big",
	    "-object memory-backend-ram,id=m,size=big: size=big: not a size (a number and k, M, G "
	    "or T)");
	bad("-object memory-backend-memfd,id=m,size=1G,prealloc=on",
	    "-object memory-backend-memfd,id=m,size=1G,prealloc=on: prealloc=on: not supported; "
	    "there is off");
	bad("-object memory-backend-memfd,id=m,size=1G,seal=off",
	    "-object memory-backend-memfd,id=m,size=1G,seal=off: seal=off: not supported; there is "
	    "on");
	bad("-object memory-backend-file,id=m,size=1G,mem-path=/dev/shm/a,share=on",
	    "-object memory-backend-file,id=m,size=1G,mem-path=/dev/shm/a,share=on: "
	    "memory-backend-file: not supported: a file can shrink under the guest; there is "
	    "memory-backend-memfd");
	bad("-object tls-creds-x509,id=a,dir=d -object memory-backend-ram,id=a,size=1G",
	    "-object memory-backend-ram,id=a,size=1G: id=a: there is one already");
}
END_TEST

START_TEST(test_time)
{
	Options o;

	good(&o, "-rtc base=2026-05-01T12:30:00,clock=vm");
	ck_assert(o.rtc_given && o.rtc_vm && o.rtc_clock_given);
	ck_assert_int_eq(o.rtc, RTC_DATE);
	ck_assert_int_eq(o.rtc_date, 1777638600);
	options_free(&o);
	good(&o, "-rtc base=1970-01-02");
	ck_assert_int_eq(o.rtc_date, 86400);
	options_free(&o);
	good(&o, "-rtc base=localtime,clock=host,driftfix=none -icount shift=3,sleep=off");
	ck_assert_int_eq(o.rtc, RTC_LOCALTIME);
	ck_assert(!o.rtc_vm && o.counted);
	ck_assert_uint_eq(o.icount_shift, 3);
	options_free(&o);
	good(&o, "-icount 0");
	ck_assert(o.counted);
	options_free(&o);
	bad("-rtc base=2026-13-01",
	    "-rtc base=2026-13-01: base=2026-13-01: must be utc, localtime, "
	    "2026-05-01 or 2026-05-01T12:30:00");
	bad("-rtc base=2026-05-01T1", "-rtc base=2026-05-01T1: base=2026-05-01T1: must be utc, "
				      "localtime, 2026-05-01 or 2026-05-01T12:30:00");
	bad("-icount 11", "-icount 11: must be 0 to 10");
	bad("-icount auto",
	    "-icount auto: shift=auto: not supported, it would follow the host's speed; "
	    "give a number 0 to 10");
	bad("-icount 1,align=on", "-icount 1,align=on: align=on: not supported, counted time "
				  "waits for no clock of the host's");
	bad("-icount 1,sleep=on", "-icount 1,sleep=on: sleep=on: not supported, counted time "
				  "waits for no clock of the host's");
	good(&o, "-icount 1,align=off");
	options_free(&o);
	bad("-icount 1,rr=record", "-icount 1,rr=record: rr: not supported yet");
	bad("-action panic=dance", "-action panic=dance: panic=dance: must be shutdown, pause, "
				   "exit-failure or none");
}
END_TEST

START_TEST(test_check_machine)
{
	static const char *const props[][2] = { { "ic-mode", "" },
						{ "cap-htm", "" },
						{ NULL, NULL } };
	const MachineType t = { .name = "box", .max_cpus = 8, .props = props };
	static const struct {
		const char *line, *message;
	} cases[] = {
		{ "-smp 9", "-smp 9: box has at most 8 CPUs" },
		{ "-M box,icmode=x", "-M box: unknown property 'icmode'; did you mean 'ic-mode'?" },
		{ "-M box,qqqqqqqqqqq=x", "-M box: unknown property 'qqqqqqqqqqq'" },
	};
	GError *err = NULL;
	Options o;

	good(&o, "-smp 8 -M box,ic-mode=a,dump-guest-core=off");
	ck_assert(options_check_machine(&o, &t, NULL));
	ck_assert_uint_eq(g_hash_table_size(o.props), 1);
	options_free(&o);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		good(&o, cases[i].line);
		ck_assert(!options_check_machine(&o, &t, &err));
		ck_assert_str_eq(err->message, cases[i].message);
		g_clear_error(&err);
		options_free(&o);
	}
	good(&o, "-M pseries-10.1");
	ck_assert_ptr_nonnull(options_machine(&o, NULL));
	ck_assert_ptr_eq(options_machine(&o, NULL), machine_type_find("pseries"));
	options_free(&o);
	good(&o, "-M no-such-machine-anywhere");
	ck_assert_ptr_null(options_machine(&o, &err));
	ck_assert_str_eq(err->message,
			 "-M no-such-machine-anywhere: no such machine; -M help lists them");
	g_clear_error(&err);
	options_free(&o);
}
END_TEST

START_TEST(test_nearest)
{
	static const char *const names[] = { "kernel", "initrd", "m", "M", NULL };

	ck_assert_str_eq(nearest_name("kernle", names), "kernel");
	ck_assert_str_eq(nearest_name("inird", names), "initrd");
	ck_assert_ptr_null(nearest_name("x", names));
	ck_assert_ptr_null(nearest_name("something", names));
	ck_assert_ptr_null(nearest_name("", names));
}
END_TEST

START_TEST(test_numbers)
{
	uint64_t v;

	ck_assert(parse_number("0x10", &v) && v == 16);
	ck_assert(parse_number("18446744073709551615", &v) && v == UINT64_MAX);
	ck_assert(!parse_number("18446744073709551616", &v));
	ck_assert(!parse_number("", &v) && !parse_number("0x", &v) && !parse_number(" 1", &v));
	ck_assert(!parse_number("+1", &v) && !parse_number("1 ", &v));
	ck_assert(parse_size("0.5k", 1, &v) && v == 512);
	ck_assert(parse_size("16E", 1, &v) == false);
	ck_assert(parse_size("15E", 1, &v) && v == UINT64_C(15) << 60);
	ck_assert(!parse_size("1.", 1, &v) && !parse_size(".5G", 1, &v) &&
		  !parse_size("1GB", 1, &v));
}
END_TEST

Suite *suite_options(void);
Suite *suite_options(void)
{
	Suite *s = suite_create("options");
	TCase *t = tcase_create("options");

	tcase_add_test(t, test_plain);
	tcase_add_test(t, test_machine_forms);
	tcase_add_test(t, test_memory);
	tcase_add_test(t, test_smp);
	tcase_add_test(t, test_unknown);
	tcase_add_test(t, test_help);
	tcase_add_test(t, test_console_defaults);
	tcase_add_test(t, test_chardevs);
	tcase_add_test(t, test_objects);
	tcase_add_test(t, test_memory_backend);
	tcase_add_test(t, test_time);
	tcase_add_test(t, test_check_machine);
	tcase_add_test(t, test_nearest);
	tcase_add_test(t, test_numbers);
	suite_add_tcase(s, t);
	return s;
}
