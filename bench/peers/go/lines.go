package main

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// processor is the time that this process has had of processors.
func processor() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		fail(1, err.Error())
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// benchLines: lines without end out of a pipe that yes(1) writes to, by a
// Scanner, which lends them. What counts is this process's processor time.
func benchLines() {
	const size, batch, warm = 100, 10000, 10
	feed := exec.Command("yes", strings.Repeat("x", size-1))
	pipe, err := feed.StdoutPipe()
	if err == nil {
		err = feed.Start()
	}
	if err != nil {
		fail(1, err.Error())
	}
	lines := bufio.NewScanner(pipe)
	take := func() {
		for i := 0; i < batch; i++ {
			if !lines.Scan() || len(lines.Bytes()) != size-1 {
				fail(1, "not the line that was written")
			}
		}
	}

	for i := 0; i < warm; i++ {
		take()
	}
	batches, begin, spent := 0, processor(), time.Duration(0)
	for spent < window {
		take()
		batches++
		spent = processor() - begin
	}
	fmt.Printf("lines %d %.4f\n", size,
		float64(spent.Nanoseconds())/float64(batches*batch))
	feed.Process.Kill()
}
