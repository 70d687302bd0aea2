# One line an area above libproto; each is there when its libraries are built.
