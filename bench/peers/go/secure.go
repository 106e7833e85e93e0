package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
)

// tlsConfig is a server's; the certificate and its key are in
// BENCH_CERTIFICATE.
func tlsConfig() *tls.Config {
	path := os.Getenv("BENCH_CERTIFICATE")
	certificate, err := tls.LoadX509KeyPair(path, path)
	if err != nil {
		fail(1, err.Error())
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}}
}

// serveTLS is serveEcho under TLS. The handshake is made by the first Read.
func serveTLS() {
	listener, err := tls.Listen("tcp", "127.0.0.1:0", tlsConfig())
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
