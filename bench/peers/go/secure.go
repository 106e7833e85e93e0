package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
)

// serveTLS is serveEcho under TLS; the certificate and its key are in
// BENCH_CERTIFICATE. The handshake is made by the first Read.
func serveTLS() {
	path := os.Getenv("BENCH_CERTIFICATE")
	certificate, err := tls.LoadX509KeyPair(path, path)
	if err != nil {
		fail(1, err.Error())
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		fail(1, err.Error())
	}
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	for {
		client, err := listener.Accept()
		if err != nil {
			fail(1, err.Error())
		}
		go echo(client)
	}
}
