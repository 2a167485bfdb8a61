"""The host's functions, exactly those that `stdlib/prelude.act` declares; `registry` finds them by name and
overload."""
