package main

import (
	"context"
	"runtime"
	"time"
)

// benchTimer: timers, while count others are pending. AfterFunc, because a
// timer with a channel enters the heap only when somebody waits for it.
func benchTimer(count int) {
	const batch = 100000
	random := newNumbers()
	spans := make([]time.Duration, batch)
	order := make([]int, batch)
	for i := range spans {
		spans[i] = random.timeout()
		order[i] = random.below(count)
	}
	nothing := func() {}
	pending := make([]*time.Timer, count)
	for i := range pending {
		pending[i] = time.AfterFunc(random.timeout(), nothing)
	}

	report("timer", "arm", batch, func() {
		for _, span := range spans {
			time.AfterFunc(span, nothing).Stop()
		}
	})
	report("timer", "rearm", batch, func() {
		for i, span := range spans {
			pending[order[i]].Reset(span)
		}
	})
	report("timer", "block", batch, func() {
		for _, span := range spans {
			_, cancel := context.WithTimeout(context.Background(), span)
			cancel()
		}
	})
	report("timer", "block-wait", batch, func() {
		for _, span := range spans {
			_, cancel := context.WithTimeout(context.Background(), span)
			runtime.Gosched()
			cancel()
		}
	})
	runtime.KeepAlive(pending)
}
