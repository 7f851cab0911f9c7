# `make install`: what `make build` made, into $(DESTDIR)$(PREFIX).
# Included by the top Makefile, from whose directory the paths are.

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR     ?= $(PREFIX)/bin
DATADIR    ?= $(PREFIX)/share
RELEASE    ?= target/release
COMMAND    ?= target/command/tinywindow
INSTALL    ?= install
OBJCOPY    ?= objcopy

VERSION    := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SOVERSION  := 0
SONAME     := libtinywindow.so.$(SOVERSION)
SOFILE     := libtinywindow.so.$(VERSION)
CMAKEDIR    = $(LIBDIR)/cmake/tinywindow
# Man pages and completions, in the folders they have below DATADIR.
TOLD        = $(dir $(COMMAND))share

# `rustc --print native-static-libs` without -lc and -lgcc_s: compilers add both themselves, and
# name them otherwise under -static.
SYSTEM_LIBS := util rt pthread m dl

relative = $(shell realpath -ms --relative-to=$(1) $(2))
empty :=
space := $(empty) $(empty)

# $(call fill,TEMPLATE,DESTINATION)
define fill
sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@SOVERSION@|$(SOVERSION)|g' \
    -e 's|@INCLUDE_FROM_CMAKE@|$(call relative,$(CMAKEDIR),$(INCLUDEDIR))|g' \
    -e 's|@INCLUDE_FROM_PKGCONFIG@|$(call relative,$(LIBDIR)/pkgconfig,$(INCLUDEDIR))|g' \
    -e 's|@SYSTEM_LIBS_CMAKE@|$(subst $(space),;,$(SYSTEM_LIBS))|g' \
    -e 's|@SYSTEM_LIBS_FLAGS@|$(addprefix -l,$(SYSTEM_LIBS))|g' \
    $(1) > $(2) && chmod 644 $(2)
endef

.PHONY: install uninstall install-headers install-libraries install-packages install-legacy
.PHONY: install-licences install-command install-schemas
install: $(RELEASE)/libtinywindow.so  ## Install below PREFIX (and DESTDIR) what `make build` made
install: $(COMMAND) install-headers install-libraries install-packages install-legacy
install: install-licences install-command install-schemas

# Not built here: `sudo make install` should not run a compiler as root.
$(RELEASE)/libtinywindow.so $(COMMAND):
	@echo "install: $@ is not there; run \`make build\` first" >&2; exit 1

uninstall:  ## Remove what `make install` installed there
	rm -rf $(DESTDIR)$(INCLUDEDIR)/tinywindow $(DESTDIR)$(CMAKEDIR) \
	    $(DESTDIR)$(DATADIR)/tinywindow $(DESTDIR)$(DATADIR)/doc/tinywindow
	rm -f $(DESTDIR)$(INCLUDEDIR)/tinywindow.h $(DESTDIR)$(LIBDIR)/pkgconfig/tinywindow.pc \
	    $(addprefix $(DESTDIR)$(LIBDIR)/,$(SOFILE) $(SOFILE).debug $(SONAME) libtinywindow.so \
	        libtinywindow.a) $(DESTDIR)$(BINDIR)/tinywindow \
	    $(DESTDIR)$(DATADIR)/man/man1/tinywindow.1 $(DESTDIR)$(DATADIR)/man/man1/tinywindow-*.1 \
	    $(DESTDIR)$(DATADIR)/bash-completion/completions/tinywindow \
	    $(DESTDIR)$(DATADIR)/zsh/site-functions/_tinywindow \
	    $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/tinywindow.fish

install-headers:
	$(INSTALL) -d $(DESTDIR)$(INCLUDEDIR)/tinywindow
	$(INSTALL) -m 644 include/tinywindow.h $(DESTDIR)$(INCLUDEDIR)
	$(INSTALL) -m 644 bindings/cpp/include/tinywindow/*.hpp $(DESTDIR)$(INCLUDEDIR)/tinywindow

# The debug file lies beside the library, where debuggers look; it holds no code. The archive loses
# the compiler's intermediate code, most of its size: only the same rustc can use it, and it has nm
# find no symbols where a linker plugin of another LLVM is installed.
install-libraries:
	$(INSTALL) -d $(DESTDIR)$(LIBDIR)
	$(OBJCOPY) --only-keep-debug $(RELEASE)/libtinywindow.so $(DESTDIR)$(LIBDIR)/$(SOFILE).debug
	chmod 644 $(DESTDIR)$(LIBDIR)/$(SOFILE).debug
	$(OBJCOPY) --strip-unneeded --add-gnu-debuglink=$(DESTDIR)$(LIBDIR)/$(SOFILE).debug \
	    $(RELEASE)/libtinywindow.so $(DESTDIR)$(LIBDIR)/$(SOFILE)
	chmod 755 $(DESTDIR)$(LIBDIR)/$(SOFILE)
	ln -sf $(SOFILE) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libtinywindow.so
	$(OBJCOPY) --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd \
	    $(RELEASE)/libtinywindow.a $(DESTDIR)$(LIBDIR)/libtinywindow.a
	chmod 644 $(DESTDIR)$(LIBDIR)/libtinywindow.a

install-packages:
	$(INSTALL) -d $(DESTDIR)$(CMAKEDIR) $(DESTDIR)$(LIBDIR)/pkgconfig
	$(call fill,bindings/cpp/cmake/tinywindow-config.cmake.in,\
	    $(DESTDIR)$(CMAKEDIR)/tinywindow-config.cmake)
	$(call fill,bindings/cpp/cmake/tinywindow-config-version.cmake.in,\
	    $(DESTDIR)$(CMAKEDIR)/tinywindow-config-version.cmake)
	$(call fill,bindings/cpp/tinywindow.pc.in,$(DESTDIR)$(LIBDIR)/pkgconfig/tinywindow.pc)

# As source: a copybook is text, and a Fortran module is compiled by the compiler that uses it.
install-legacy:
	$(INSTALL) -d $(DESTDIR)$(DATADIR)/tinywindow/cobol $(DESTDIR)$(DATADIR)/tinywindow/fortran
	$(INSTALL) -m 644 bindings/cobol/tinywindow.cpy $(DESTDIR)$(DATADIR)/tinywindow/cobol
	$(INSTALL) -m 644 bindings/fortran/tinywindow.f90 $(DESTDIR)$(DATADIR)/tinywindow/fortran

# What other tools make code of: protoc, and those that read SBE.
install-schemas:
	$(INSTALL) -d $(DESTDIR)$(DATADIR)/tinywindow/proto/tinywindow \
	    $(DESTDIR)$(DATADIR)/tinywindow/schema
	$(INSTALL) -m 644 proto/tinywindow/*.proto $(DESTDIR)$(DATADIR)/tinywindow/proto/tinywindow
	$(INSTALL) -m 644 schema/orders.xml $(DESTDIR)$(DATADIR)/tinywindow/schema

install-licences:
	$(INSTALL) -d $(DESTDIR)$(DATADIR)/doc/tinywindow
	$(INSTALL) -m 644 LICENSE-MIT LICENSE-APACHE $(DESTDIR)$(DATADIR)/doc/tinywindow

install-command:
	$(INSTALL) -d $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 755 $(COMMAND) $(DESTDIR)$(BINDIR)/tinywindow
	cd $(TOLD) && for file in $$(find . -type f); do \
	    $(INSTALL) -D -m 644 $$file $(abspath $(DESTDIR)$(DATADIR))/$$file || exit 1; done
