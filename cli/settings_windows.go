package cli

import "os"

func ours(string) bool { return true }

func accountHome() (string, error) { return os.UserHomeDir() }
