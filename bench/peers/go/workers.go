package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const workerPairs, workerMessage, workerSteps = 16, 64, 300

// benchWorkers: clients and servers, two goroutines a pair, that echo over
// socket pairs, a little work in each echo: with one processor, and with two.
// Go has no loops to count: there are as many pairs as two loops would have.
func benchWorkers() {
	workersRun(1, window/6)
	one := workersRun(1, window)
	two := workersRun(2, window)
	fmt.Printf("workers one %.4f\n", one)
	fmt.Printf("workers two %.4f\n", two)
	fmt.Printf("workers scale %.4f\n", two/one)
}

// workersRun returns nanoseconds for each echo of all processors.
func workersRun(processors int, long time.Duration) float64 {
	runtime.GOMAXPROCS(processors)
	var echoes atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	for i := 0; i < processors*workerPairs; i++ {
		client, server := socketPair()
		all.Add(1)
		go workersServe(server)
		go func() {
			echoes.Add(workersAsk(client, begin.Add(long)))
			all.Done()
		}()
	}
	all.Wait()
	return float64(time.Since(begin).Nanoseconds()) / float64(echoes.Load())
}

func workersServe(server net.Conn) {
	defer server.Close()
	buffer := make([]byte, workerMessage)
	random := newNumbers()
	for {
		size, err := server.Read(buffer)
		if err != nil {
			return
		}
		for i := 0; i < workerSteps; i++ {
			random.next()
		}
		buffer[0] = byte(*random)
		if _, err = server.Write(buffer[:size]); err != nil {
			return
		}
	}
}

func workersAsk(client net.Conn, end time.Time) (echoes int64) {
	defer client.Close()
	buffer := make([]byte, workerMessage)
	for time.Now().Before(end) {
		if _, err := client.Write(buffer); err != nil {
			fail(1, err.Error())
		}
		if _, err := client.Read(buffer); err != nil {
			fail(1, err.Error())
		}
		echoes++
	}
	return echoes
}

func socketPair() (client, server net.Conn) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		fail(1, err.Error())
	}
	ends := [2]net.Conn{}
	for i, fd := range pair {
		file := os.NewFile(uintptr(fd), "pair")
		if ends[i], err = net.FileConn(file); err != nil {
			fail(1, err.Error())
		}
		file.Close()
	}
	return ends[0], ends[1]
}
