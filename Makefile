# Peppercorn.  `make help' lists the targets.  Everything built is under $(B).

B ?= build
ARGS ?=
DIRS := base core migration jit target-ppc $(patsubst %/,%,$(wildcard hw/*/)) hw roms host app

# Targets that do all their own set-up: packages first, then configure.
SETUP := $(if $(filter check-% bench math lint peer models mutate soak soak-% stress,$(MAKECMDGOALS)),check,$(if \
	$(filter boot,$(MAKECMDGOALS)),boot))
V ?=
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-8s%s\n' "$(1)" "$(2)")

all: $(B)/peppercorn

# Included below, so made (and configure run) before anything else.
NEEDS_CONFIG := $(filter-out help clean format check sanitize fuzz models,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_CONFIG),)
include $(B)/config.mk
-include $(B)/gen/isa.mk
endif

$(B)/config.mk: configure
	$(if $(SETUP),@scripts/setup.sh $(SETUP))
	@./configure --build=$(B) $(CONFIGURE_ARGS)

SRC := $(foreach d,$(DIRS),$(wildcard $(d)/*.c))
OBJ := $(SRC:%.c=$(B)/%.o) $(GEN_SRC:.c=.o)
LIBOBJ := $(filter-out $(B)/app/main.o,$(OBJ))
LIB := $(B)/libpeppercorn.a
CPPFLAGS := -I. -I$(B)/gen $(if $(WERROR),-Werror)

# Instruction tables: what isagen.py writes is listed in gen/isa.mk.
ISA := $(wildcard target-ppc/*.isa)
ISAGEN := $(wildcard scripts/isagen.py)
# Which rows have a translator the generator finds in these; what it writes changes only then.
TR := $(wildcard target-ppc/tr_*.c)
$(B)/gen/isa.mk: $(ISA) $(TR) $(ISAGEN) | $(B)/config.mk
	@mkdir -p $(@D)
	$(if $(and $(ISA),$(ISAGEN)),$(call say,ISA,$(ISA)))
	$(if $(and $(ISA),$(ISAGEN)),$(Q)python3 $(ISAGEN) --out $(B)/gen $(ISA) $(TR))
	@echo "GEN_SRC := $$(ls $(B)/gen/target-ppc/*.c 2>/dev/null | tr '\n' ' ')" >$@

$(B)/%.o: %.c $(B)/config.mk | $(B)/gen/isa.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) $(DEPFLAGS) -MMD -MP -c $< -o $@

$(B)/gen/%.o: $(B)/gen/%.c $(B)/config.mk
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) $(CPPFLAGS) $(DEPFLAGS) -MMD -MP -c $< -o $@

# The list of objects as a file: a source that came or went relinks.
$(B)/objects: FORCE
	@echo '$(sort $(OBJ))' | cmp -s - $@ || echo '$(sort $(OBJ))' >$@

$(LIB): $(LIBOBJ) $(B)/objects
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIBOBJ)

# What ThreadSanitizer is told of glib goes into all that it looks at.
TSANOBJ := $(if $(findstring -fsanitize=thread,$(CFLAGS)),$(B)/tests/unit/tsan.o)
$(B)/peppercorn: $(B)/app/main.o $(TSANOBJ) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(LIB) $(LIBS) -o $@

# Tests: each folder of these is one program; its suites are found by file name.
TESTDIRS := $(foreach d,unit device isa,$(if $(wildcard tests/$(d)/test_*.c),$(d)))
test_src = $(filter-out tests/unit/main.c,$(wildcard tests/$(1)/*.c))
define TEST_PROGRAM
TESTSRC += $(call test_src,$(1))
$(B)/gen/tests/$(1)/suites.h: FORCE
	@mkdir -p $$(@D)
	@scripts/suites.sh tests/$(1) >$$@.new
	@if cmp -s $$@.new $$@; then rm $$@.new; else mv $$@.new $$@; fi
$(B)/tests/$(1)/main.o: tests/unit/main.c $(B)/gen/tests/$(1)/suites.h $(B)/config.mk
	@mkdir -p $$(@D)
	$(Q)$$(CC) $$(CFLAGS) $$(CPPFLAGS) $$(DEPFLAGS) $$(CHECK_CFLAGS) -MMD -MP \
		-DSUITES_H='"tests/$(1)/suites.h"' -DSUITES_NAME='"$(1)"' -c $$< -o $$@
$(B)/tests/$(1)/run: $(B)/tests/$(1)/main.o $(patsubst %.c,$(B)/%.o,$(call test_src,$(1))) $(LIB)
	$$(call say,LINK,$$@)
	$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) $$(filter %.o,$$^) $$(LIB) $$(CHECK_LIBS) $$(LIBS) -o $$@
check-$(1): $(B)/tests/$(1)/run
	@scripts/run-suites.sh $$<
endef
$(foreach d,$(TESTDIRS),$(eval $(call TEST_PROGRAM,$(d))))
$(B)/tests/%.o: CPPFLAGS += $(CHECK_CFLAGS)

# Fuzz targets: each tests/fuzz/fuzz_NAME.c with the other files of that folder;
# LIBFUZZER=1: with clang's driver in place of ours (scripts/fuzz.sh --libfuzzer).
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
TESTSRC += $(wildcard tests/fuzz/*.c)
FUZZOBJ := $(patsubst %.c,$(B)/%.o,$(filter-out tests/fuzz/fuzz_% \
	$(if $(LIBFUZZER),%/driver.c),$(wildcard tests/fuzz/*.c)))
$(FUZZERS): LDFLAGS += $(if $(LIBFUZZER),-fsanitize=fuzzer)
$(FUZZERS): %: %.o $(FUZZOBJ) $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(LIB) $(LIBS) -o $@
fuzzers: $(FUZZERS)

# Built with all host CPUs where nobody could say -j.
BUILD = @+$(MAKE) $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc)) --no-print-directory all

# make check: the whole; its parts can be named alone.
check:
	@scripts/setup.sh check
	@scripts/check.sh
check-boot:
	$(BUILD)
	@scripts/guest-debian.sh
	-@scripts/guest-debian.sh --next
	-@scripts/guest-debian.sh --installer
	-@scripts/guest-debian.sh --slof
	-@scripts/guest-debian.sh --stress
	-@scripts/guest-be.sh
	@python3 -B tests/boot/run.py --program $(B)/peppercorn $(ARGS)
check-selftests:
	$(BUILD)
	-@scripts/guest-debian.sh
	-@scripts/guest-be.sh
	-@for t in ppc64le ppc64 ppc; do scripts/guest-selftests.sh $$t; done
	@python3 -B tests/selftests/run.py --program $(B)/peppercorn $(ARGS)
check-tests: $(TESTDIRS:%=check-%)
fuzz:
	@scripts/setup.sh check
	@scripts/fuzz.sh $(ARGS)
peer: $(B)/tests/isa/run
	@B=$(B) scripts/peer.sh $(ARGS)
sanitize:
	@scripts/setup.sh check
	@scripts/sanitize.sh $(ARGS)
docs/isa-table.md: $(ISA) $(ISAGEN)
	python3 $(ISAGEN) --docs $@ $(ISA)
lint: all
	@B=$(B) scripts/lint.sh
format:
	clang-format -i $$(find $(wildcard $(DIRS)) tests -name '*.[ch]')
bench:
	$(BUILD)
	@scripts/setup.sh check
	-@scripts/setup.sh bench
	@scripts/guest-debian.sh
	@python3 -B tests/bench/$(if $(filter state,$(ARGS)),state,run).py \
		--program $(B)/peppercorn $(filter-out state,$(ARGS))
models:
	@scripts/setup.sh check
	@python3 -B tests/models/run.py $(ARGS)
soak:
	$(BUILD)
	@scripts/setup.sh check
	@scripts/guest-debian.sh
	@python3 -B tests/boot/run.py --program $(B)/peppercorn $(if $(ARGS),--moves $(ARGS)) \
		soak ticks ticks-counted ticks-moves
soak-boots:
	$(BUILD)
	@scripts/setup.sh check
	@scripts/guest-debian.sh
	@python3 -B tests/boot/run.py --program $(B)/peppercorn --boots $(or $(ARGS),50) boots
soak-jit: $(B)/tests/isa/run
	@JIT_MILLIONS=$(or $(ARGS),100) CK_RUN_SUITE=jitrun $<
soak-threads: $(B)/tests/unit/run
	@for t in code_that_another_changes_is_not_run_as_it_was code_is_changed_while_others_run_it \
		code_beside_code_of_others_changes; do \
		THREADS_TIMES=$(or $(ARGS),1000) CK_RUN_SUITE=threads CK_RUN_CASE=$$t $< || exit 1; done
mutate: $(TESTDIRS:%=$(B)/tests/%/run)
	@python3 -B tests/mutate.py $(ARGS)
stress:
	$(BUILD)
	@scripts/setup.sh check
	@scripts/guest-debian.sh
	@scripts/guest-debian.sh --stress
	@python3 -B tests/boot/run.py --program $(B)/peppercorn --stress $(or $(ARGS),5) --scale 2 stress
math:
	$(BUILD)
	@scripts/setup.sh check
	@scripts/guest-debian.sh
	@python3 -B tests/math/run.py --program $(B)/peppercorn $(ARGS)

boot:
	$(BUILD)
	@B=$(B) scripts/boot.sh $(ARGS)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/doc/peppercorn
	install $(B)/peppercorn $(DESTDIR)$(PREFIX)/bin/peppercorn
	install -m 644 README.md LICENSE docs/*.md $(DESTDIR)$(PREFIX)/share/doc/peppercorn

clean:
	rm -rf $(B) build-san build-fuzz

help:
	@echo 'make              builds $(B)/peppercorn'
	@echo 'make boot         sets everything up and boots Debian ppc64el to a shell (ARGS="-cpu power8 -smp 4")'
	@echo 'make check        sets everything up and runs all tests, ending in "N passed, N failed, N skipped"'
	@echo 'make check-unit   check-device, check-isa: one program of unit tests (CK_RUN_SUITE=name)'
	@echo 'make check-boot   boots real guests (ARGS=name... picks tests, ARGS=--list lists them)'
	@echo 'make check-selftests  the kernel'\''s powerpc selftests in guests of both byte orders'
	@echo 'make sanitize     unit tests and a kernel boot under ASan and UBSan, threads under TSan'
	@echo 'make fuzz         fuzz targets under ASan and UBSan (ARGS=seconds for each)'
	@echo 'make peer         random instructions against QEMU user mode (ARGS="seconds [model...]")'
	@echo 'make format       lays the sources out by .clang-format'
	@echo 'make docs/isa-table.md   the table of instructions, from target-ppc/*.isa'
	@echo 'make lint         layers, sizes, layout, forbidden words and calls'
	@echo 'make bench        ours and the peer side by side, in the same run (ARGS="--quick --only fp"; --history; state)'
	@echo 'make models       the moving of guests and their time as models, searched whole (ARGS=--full)'
	@echo 'make soak         guests that check themselves are moved and saved, ARGS=100 times'
	@echo 'make soak-boots   boots on 1, 2 and 4 CPUs, ARGS=50 of each: none may hang'
	@echo 'make soak-jit     random programs on host code and interpreter, ARGS=100 million instructions'
	@echo 'make soak-threads  one CPU writes code that another runs, ARGS=1000 times'
	@echo 'make mutate       faults planted in the host code generator, which the tests must find (ARGS="--slice 0/8")'
	@echo 'make stress       stress-ng --verify on 1, 2 and 4 CPUs, ARGS=5 seconds for each stressor'
	@echo 'make math         floating point against the host, a slice; ARGS=--full: every single-precision input'
	@echo 'make install      into PREFIX (see ./configure --help)'
	@echo 'make clean        removes what was built'
	@echo 'B=DIR builds elsewhere; WERROR=1 makes warnings errors; V=1 shows commands'

FORCE:
.PHONY: all boot check check-tests check-boot check-selftests check-unit check-device \
	check-isa fuzz fuzzers peer sanitize lint format bench models soak soak-boots soak-jit soak-threads mutate stress math install clean help FORCE
.DELETE_ON_ERROR:
-include $(OBJ:.o=.d) $(TESTSRC:%.c=$(B)/%.d) $(TESTDIRS:%=$(B)/tests/%/main.d)
