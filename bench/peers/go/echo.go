package main

import (
	"fmt"
	"net"
	"os"
)

// serveEcho: one goroutine a connection. TCP_NODELAY is Go's default.
func serveEcho() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
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

// serveEchoLocal does the same at an abstract name.
func serveEchoLocal() {
	name := fmt.Sprintf("@fermata-bench-%d", os.Getpid())
	listener, err := net.Listen("unix", name)
	if err != nil {
		fail(1, err.Error())
	}
	fmt.Println("listening", name)
	for {
		client, err := listener.Accept()
		if err != nil {
			fail(1, err.Error())
		}
		go echo(client)
	}
}

// echo does not use io.Copy, which for two sockets is splice(2): dearer for
// short messages.
func echo(client net.Conn) {
	defer client.Close()
	buffer := make([]byte, 64*1024)
	for {
		size, err := client.Read(buffer)
		if err != nil {
			return
		}
		if _, err = client.Write(buffer[:size]); err != nil {
			return
		}
	}
}
