//go:build race

package manifest

const underRace = true
