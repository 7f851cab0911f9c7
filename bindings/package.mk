# `make package`: what is handed out, into target/package/.
# Included by the top Makefile, from whose directory the paths are.

PACKAGE  := $(abspath $(TARGET)/package)
PLATFORM := $(shell uname -m)-linux-gnu
PACKED    = tinywindow-$(VERSION)-$(PLATFORM)
TREE      = $(abspath $(TARGET)/package-tree)/$(PACKED)
TREEDOC   = $(TREE)/share/doc/tinywindow
# With what they link to, in the folders that it has here.
USERDOCS := README.md CHANGELOG.md SECURITY.md ARCHITECTURE.md PORTING.md CONTRIBUTING.md docs \
    examples benches/README.md benches/RESULTS.md bindings/python/README.md tests/cobol/gateway.cob

# The same sources give the same archive: https://reproducible-builds.org/specs/source-date-epoch/
# Not exported to all: cargo would build anew what looks at it.
EPOCH := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2> /dev/null || echo 0))

.PHONY: package package-wheel package-tree package-tarball
package: package-wheel package-tarball  ## Make wheel, tarball, bills of materials and checksums
	cd $(PACKAGE) && sha256sum *.whl *.tar.gz *.json > SHA256SUMS
	@ls -l $(PACKAGE)

package-wheel: library
	@rm -rf $(PACKAGE) && mkdir -p $(PACKAGE)
	$(MAKE) -C bindings/python wheel
	cp bindings/python/dist/*.whl $(PACKAGE)

# Nothing in an installed tree knows where it is, so this one can be unpacked anywhere.
package-tree: build
	@rm -rf $(dir $(TREE))
	$(MAKE) install DESTDIR=$(TREE) PREFIX=
	cp -r --parents $(USERDOCS) $(TREEDOC)
	ln -s ../../../include ../../tinywindow/proto ../../tinywindow/schema $(TREEDOC)
	tools/licences command $(TREEDOC)
	SOURCE_DATE_EPOCH=$(EPOCH) tools/sbom library > $(TREEDOC)/$(PACKED)-library.cdx.json
	SOURCE_DATE_EPOCH=$(EPOCH) tools/sbom command > $(TREEDOC)/$(PACKED)-command.cdx.json

package-tarball: package-tree package-wheel
	tar --create --directory=$(dir $(TREE)) --sort=name --format=gnu --mtime=@$(EPOCH) \
	    --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s $(PACKED) \
	    | gzip --no-name --best > $(PACKAGE)/$(PACKED).tar.gz
	cp $(TREEDOC)/*.cdx.json $(PACKAGE)
