"""Sources of raw data: web folders, Debian packages, folders of this machine, own images."""
