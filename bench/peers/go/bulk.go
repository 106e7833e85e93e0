package main

import (
	"crypto/tls"
	"net"
	"os"
)

// benchBulk sends 1 GiB, in writes of 256 KiB, to each of the places that the
// last arguments are: PORT @NAME TLS-PORT.
func benchBulk() {
	places := os.Args[len(os.Args)-3:]
	sendBulk("tcp", "127.0.0.1:"+places[0], nil)
	sendBulk("unix", places[1], nil)
	sendBulk("tcp", "127.0.0.1:"+places[2], tlsConfig())
}

func sendBulk(network, place string, config *tls.Config) {
	bytes := make([]byte, 256*1024)
	conn, err := net.Dial(network, place)
	if err != nil {
		fail(1, err.Error())
	}
	if config != nil {
		conn = tls.Server(conn, config)
	}
	for i := 0; i < 4096; i++ {
		if _, err = conn.Write(bytes); err != nil {
			fail(1, err.Error())
		}
	}
	if err = conn.Close(); err != nil {
		fail(1, err.Error())
	}
}
