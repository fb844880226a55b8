################################################################################
#
# tcpaccept
#
################################################################################

TCPACCEPT_VERSION = 1.0.0
TCPACCEPT_SOURCE = tcpaccept-$(TCPACCEPT_VERSION).tar.xz
TCPACCEPT_SITE = https://example.org/tcpaccept
TCPACCEPT_LICENSE = GPL-2.0 or BSD-2-Clause
TCPACCEPT_LICENSE_FILES = LICENSE

# The bytecode of both byte orders is in the sources: no clang is needed.
TCPACCEPT_MAKE_OPTS = \
	$(TARGET_CONFIGURE_OPTS) \
	BYTECODE=bytecode \
	HOST_CC="$(HOSTCC)" \
	STATIC=$(if $(BR2_STATIC_LIBS),-static) \
	STRIP=

define TCPACCEPT_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(TCPACCEPT_MAKE_OPTS)
endef

define TCPACCEPT_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(TCPACCEPT_MAKE_OPTS) \
		DESTDIR=$(TARGET_DIR) PREFIX=/usr install
endef

define TCPACCEPT_LINUX_CONFIG_FIXUPS
	$(call KCONFIG_ENABLE_OPT,CONFIG_BPF_SYSCALL)
	$(call KCONFIG_ENABLE_OPT,CONFIG_PERF_EVENTS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_KPROBES)
	$(call KCONFIG_ENABLE_OPT,CONFIG_KPROBE_EVENTS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_BPF_EVENTS)
endef

$(eval $(generic-package))
