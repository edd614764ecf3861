// Command diagcollect gathers the diagnostic logs that a support case asks
// for, takes out what nobody should see, and delivers the rest to the case.
package main

import (
	"embed"
	"os"

	"github.com/diagcollect/diagcollect/cli"
)

//go:embed examples/*.yaml
var recipes embed.FS

func main() { os.Exit(cli.Main(recipes)) }
