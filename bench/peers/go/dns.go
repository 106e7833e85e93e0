package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// benchDNS: goroutines that look up names, count of them, by Go's own resolver
// and a name server on this port.
func benchDNS(count, port int) {
	const answers = 10000
	var dialer net.Dialer
	server := fmt.Sprintf("127.0.0.1:%d", port)
	resolver := &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "udp", server)
		},
	}
	serial := 0
	report("dns", strconv.Itoa(count), answers, func() {
		finished := make(chan error)
		for i := 0; i < count; i++ {
			go func(first, mine int) {
				for ; mine > 0; mine-- {
					name := fmt.Sprintf("n%d.example.", first+mine)
					_, err := resolver.LookupIP(context.Background(), "ip4", name)
					if err != nil {
						finished <- err
						return
					}
				}
				finished <- nil
			}(serial, (answers+i)/count)
			serial += answers
		}
		for i := 0; i < count; i++ {
			if err := <-finished; err != nil {
				fail(1, err.Error())
			}
		}
	})
}
