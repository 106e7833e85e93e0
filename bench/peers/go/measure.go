package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Long enough to average the noise of one machine away.
const window = 300 * time.Millisecond

// report calls batch, which does count operations, first once to warm up and
// then until the window is full; it prints nanoseconds per operation.
func report(bench, name string, count int, batch func()) {
	batch()
	begin := time.Now()
	batches := 0
	for time.Since(begin) < window {
		batch()
		batches++
	}
	spent := float64(time.Since(begin).Nanoseconds())
	fmt.Printf("%s %s %.4f\n", bench, name, spent/float64(batches*count))
}

// memory returns the bytes in memory, and the bytes of page tables that the
// kernel keeps for them.
func memory() (resident, tables int) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fail(1, err.Error())
	}
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "VmRSS:":
			resident, _ = strconv.Atoi(words[1])
		case "VmPTE:":
			tables, _ = strconv.Atoi(words[1])
		}
	}
	return resident * 1024, tables * 1024
}

// numbers is a fixed sequence, the same in every program.
type numbers uint64

func newNumbers() *numbers {
	n := numbers(88172645463325252)
	return &n
}

func (n *numbers) next() uint64 {
	x := uint64(*n)
	x ^= x << 13
	x ^= x >> 7
	x ^= x << 17
	*n = numbers(x)
	return x
}

func (n *numbers) below(limit int) int {
	return int(n.next() % uint64(limit))
}

// timeout is from 1 to 61 seconds.
func (n *numbers) timeout() time.Duration {
	return time.Duration(1000+n.below(60000)) * time.Millisecond
}
