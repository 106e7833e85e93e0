//go:build !go1.23

package main

func benchSwitch() {
	fail(1, "needs Go 1.23 (iter.Pull)")
}

func benchGen() {
	fail(1, "needs Go 1.23 (iter.Pull)")
}
