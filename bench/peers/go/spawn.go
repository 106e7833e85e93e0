package main

import (
	"os/exec"
	"runtime"
	"strconv"
)

// benchSpawn: /bin/true, started and waited for, count at a time.
func benchSpawn(count int) {
	const spawns = 128
	runtime.GOMAXPROCS(2)
	report("spawn", strconv.Itoa(count), spawns, func() {
		finished := make(chan bool)
		for i := 0; i < count; i++ {
			go func(mine int) {
				for ; mine > 0; mine-- {
					if err := exec.Command("/bin/true").Run(); err != nil {
						panic(err)
					}
				}
				finished <- true
			}((spawns + i) / count)
		}
		for i := 0; i < count; i++ {
			<-finished
		}
	})
}
