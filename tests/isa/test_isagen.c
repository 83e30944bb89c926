/* scripts/isagen.py refuses tables that contradict themselves, and says where. */
#include <check.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HEAD                                                                                       \
	"operand RT 6-10 gpr slot=a\n"                                                             \
	"operand RA 11-15 gpr slot=b\n"                                                            \
	"operand RX 11-15 gpr slot=a\n"                                                            \
	"operand SI 16-31 simm slot=imm\n"                                                         \
	"operand SH 14-18 uimm slot=c\n"                                                           \
	"form X PO:0-5 XO:21-30\n"                                                                 \
	"form D PO:0-5\n"

/* What it says about HEAD and one or two rows (line 8 on). */
static char *say(const char *rows, int *status)
{
	g_autofree char *path = NULL, *text = g_strconcat(HEAD, rows, NULL);
	int fd = g_file_open_tmp("isagen-XXXXXX", &path, NULL);
	char *argv[] = { (char *)"python3", (char *)"scripts/isagen.py", (char *)"--check", path,
			 NULL };
	char *err = NULL;

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	ck_assert(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &err,
			       status, NULL));
	unlink(path);
	return err;
}

/* The same with a file of translators beside one good row, `ab`. */
static char *say_translators(const char *c, int *status)
{
	g_autofree char *isa = NULL, *text = g_strconcat(HEAD, "ab X 31,5 RT,RA B\n", NULL);
	g_autofree char *dir = g_dir_make_tmp("isagen-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "tr_x.c", NULL);
	char *argv[] = {
		(char *)"python3", (char *)"scripts/isagen.py", (char *)"--check", NULL, path, NULL
	};
	char *err = NULL;

	argv[3] = isa = g_build_filename(dir, "x.isa", NULL);
	ck_assert(g_file_set_contents(isa, text, -1, NULL));
	ck_assert(g_file_set_contents(path, c, -1, NULL));
	ck_assert(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &err,
			       status, NULL));
	unlink(path);
	unlink(isa);
	rmdir(dir);
	return err;
}

START_TEST(translators)
{
	static const char *const t[][2] = {
		{ "bool tr_ab(Tr *t, const PpcOp *op)\n{\n", NULL },
		{ "#define TR_X(name) bool\nTR_X(ab, 1)\n", NULL },
		{ "static bool tr_cd(Tr *t, const PpcOp *op)\n", NULL },
		{ "bool tr_cd(Tr *t, const PpcOp *op)\n", ":1: tr_cd: no such row" },
		{ "TR_X(ab)\nTR_X(ab)\n", ":2: tr_ab is also at" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(t); i++) {
		int status;
		g_autofree char *err = say_translators(t[i][0], &status);

		ck_assert_msg(t[i][1] ? strstr(err, t[i][1]) && status : !*err && !status, "%s: %s",
			      t[i][0], err);
	}
}
END_TEST

START_TEST(good)
{
	int status;
	g_autofree char *err = say("ab X 31,5 RT,RA B\ncd D 14 RT,SI 64+!300\n", &status);

	ck_assert_str_eq(err, "");
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(bad)
{
	static const char *const t[][2] = {
		{ "ab X 31,5 RT,RA\n", ":8: a row needs" },
		{ "ab Y 31,5 RT,RA B\n", ":8: unknown form 'Y'" },
		{ "ab X 31 RT,RA B\n", ":8: form X has 2 fields, 1 values" },
		{ "ab X 31,1024 RT,RA B\n", ":8: 1024 does not fit into field XO" },
		{ "ab X 31,5 RT,RY B\n", ":8: unknown operand 'RY'" },
		{ "ab X 31,5 RT,RX B\n", ":8: operands RT and RX share slot a" },
		{ "ab X 31,5 RT,SI B\n", ":8: operand SI overlaps a fixed field" },
		{ "ab D 14 RA,SH B\n", ":8: operand SH overlaps another" },
		{ "ab X 31,5 RT,RA B9\n", ":8: unknown feature 'B9'" },
		{ "ab X 31,5 RT,RA B nonsense\n", ":8: unknown attribute 'nonsense'" },
		{ "ab D 14 RT,SI B rc=RT\n", ":8: rc=RT: the Rc bit is in a field" },
		{ "ab X 31,5 RT B rc=RA\n", ":8: rc=RA without an operand RA" },
		{ "ab X 31,5 RT,RA B must=21:1\n", ":8: must=21:1 overlaps a fixed field" },
		{ "ab X 31,5 RT,RA B\nab X 31,6 RT,RA B\n", ":9: ex_ab is also the row at" },
		{ "ab X 31,5 RT,RA B ex=no\n", ":8: ex=no: no such row" },
		{ "ab X 31,5 RT B\ncd X 31,5 RA B\n", ":9: cd and ab" },
		{ "ab X 31,5 RT B must=6:1\ncd X 31,5 RA B must=11:1\n", ":9: cd and ab" },
		{ "operand RT 6-9 gpr slot=a\n", ":8: RT is defined otherwise at" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(t); i++) {
		int status;
		g_autofree char *err = say(t[i][0], &status);

		ck_assert_msg(strstr(err, t[i][1]) && status, "%s: %s", t[i][0], err);
		ck_assert_ptr_eq(strchr(err, '\n'), err + strlen(err) - 1); /* one line */
	}
}
END_TEST

Suite *suite_isagen(void);
Suite *suite_isagen(void)
{
	Suite *s = suite_create("isagen");
	TCase *t = tcase_create("isagen");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, good);
	tcase_add_test(t, bad);
	tcase_add_test(t, translators);
	suite_add_tcase(s, t);
	return s;
}
