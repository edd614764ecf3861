package cli

// noCoreDumps: Windows Error Reporting writes full dumps only where an
// administrator asked for them per program.
func noCoreDumps() {}
