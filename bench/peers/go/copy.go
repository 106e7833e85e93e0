package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

const (
	copyChunk = 1 << 20
	copyCount = 1024
	copyTimes = 3
)

func copyFile(from, to string) {
	in, err := os.Open(from)
	if err != nil {
		fail(1, err.Error())
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		fail(1, err.Error())
	}
	if _, err := io.Copy(out, in); err != nil {
		fail(1, err.Error())
	}
	out.Close()
}

// benchCopy copies a file of 1 GiB that is in memory; the best of three.
func benchCopy() {
	from := fmt.Sprintf("/dev/shm/fermata-bench-%d", os.Getpid())
	to := from + "-copy"
	file, err := os.Create(from)
	if err != nil {
		fail(1, err.Error())
	}
	defer os.Remove(from)
	bytes := make([]byte, copyChunk)
	for i := range bytes {
		bytes[i] = 7
	}
	for i := 0; i < copyCount; i++ {
		if _, err := file.Write(bytes); err != nil {
			os.Remove(from)
			fail(1, err.Error())
		}
	}
	file.Close()
	best := 0.0
	for i := 0; i < copyTimes; i++ {
		since := time.Now()
		copyFile(from, to)
		spent := float64(time.Since(since).Nanoseconds())
		best = max(best, copyChunk*copyCount/spent)
		os.Remove(to)
	}
	fmt.Printf("copy 1GiB %.4f\n", best)
}
