// Package inspect looks into bundles without unpacking them: wherever they lie
// ([Remote]), for lines ([Search]), along time ([Timeline]), and for what two of
// them differ in ([Diff]). It reads forward and holds little; every frame is held
// against its signed digest before a byte of it is used, as package manifest
// does it.
package inspect
