package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// benchFiles: small files, each read whole by os.ReadFile, by count
// goroutines. A read of a file blocks its goroutine's thread, which the runtime
// makes up for by another one.
func benchFiles(directory string, count int) {
	const files, size = 10000, 4096
	runtime.GOMAXPROCS(runtime.NumCPU())

	report("files", strconv.Itoa(count), files, func() {
		finished := make(chan bool)
		for first := 0; first < count; first++ {
			go func(index int) {
				for ; index < files; index += count {
					path := filepath.Join(directory,
						fmt.Sprintf("%04d", index))
					bytes, err := os.ReadFile(path)
					if err != nil || len(bytes) != size {
						fail(1, "not the file that was made")
					}
				}
				finished <- true
			}(first)
		}
		for i := 0; i < count; i++ {
			<-finished
		}
	})
}
