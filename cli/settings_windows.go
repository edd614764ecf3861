package cli

import "os"

func ours(string) bool { return true }

func notRoot() bool { return false }

func accountHome() (string, error) { return os.UserHomeDir() }
