"""The HTTP service: `fashion-predict serve`. Needs the packages of the extra `serve`."""
