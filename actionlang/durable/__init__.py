"""Background actions: started by a call or by a run, then made unit by unit, each of them committed and never repeated."""
