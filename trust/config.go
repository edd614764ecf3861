package trust

// ReadConfig reads a configuration file. One that others than its owner may
// change is refused with ErrUnsafe: it could name another endpoint.
func ReadConfig(path string) ([]byte, error) { return readChecked(path, othersWrite) }
