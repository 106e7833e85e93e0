// Go: goroutines on one processor (GOMAXPROCS=1, set by the runner).
//
// gopeer BENCH [COUNT [MILLISECONDS]] prints one "BENCH CASE VALUE" a line;
// gopeer echo, tls and sse serve, and print "listening PORT"; so does gopeer
// http, whose arguments are "plain", "tls" or "h2", and a directory.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func number(i int, otherwise int) int {
	if len(os.Args) <= i || os.Args[1] == "bulk" || os.Args[1] == "http" {
		return otherwise
	}
	n, err := strconv.Atoi(os.Args[i])
	if err != nil {
		fail(2, err.Error())
	}
	return n
}

func word(i int, otherwise string) string {
	if len(os.Args) <= i {
		return otherwise
	}
	return os.Args[i]
}

func fail(status int, text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(status)
}

func main() {
	count, milliseconds := number(2, 1), number(3, 2000)
	if len(os.Args) < 2 {
		fail(2, "usage: gopeer BENCH [COUNT [MILLISECONDS]]")
	}

	switch os.Args[1] {
	case "switch":
		benchSwitch()
	case "yield":
		benchYield(count)
	case "start":
		benchStart()
	case "gather":
		benchGather(count)
	case "timer":
		benchTimer(count)
	case "sleepers":
		benchSleepers(count, milliseconds)
	case "awaited":
		benchAwaited(count, milliseconds)
	case "echo":
		serveEcho()
	case "echo_local":
		serveEchoLocal()
	case "bulk":
		benchBulk()
	case "udp":
		serveUdp()
	case "tls":
		serveTLS()
	case "http":
		serveHTTP(word(2, "plain"), word(3, "."))
	case "sse":
		serveSSE()
	case "httpclient":
		benchHTTPClient(count, number(3, 80))
	case "copy":
		benchCopy()
	case "post":
		benchPost()
	case "spawn":
		benchSpawn(count)
	case "thread":
		benchThread(count)
	case "dns":
		benchDNS(count, number(3, 53))
	case "queue":
		benchQueue(count)
	case "handover":
		benchHandover()
	case "lock":
		benchLock()
	case "semaphore":
		benchSemaphore()
	case "broadcast":
		benchBroadcast(count)
	case "select":
		benchSelect()
	case "crossloop":
		benchCrossloop()
	case "gen":
		benchGen()
	case "files":
		if len(os.Args) < 5 {
			fail(2, "usage: gopeer files COUNT 0 DIRECTORY")
		}
		benchFiles(os.Args[4], count)
	case "lines":
		benchLines()
	case "workers":
		benchWorkers()
	default:
		fail(2, "unknown: "+os.Args[1])
	}
}
