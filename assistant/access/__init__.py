"""Who may come in and do what: policy, the gate before every page, and the guarded reviewer."""
