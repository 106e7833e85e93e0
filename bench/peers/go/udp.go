package main

import (
	"fmt"
	"net"
)

func serveUdp() {
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		fail(1, err.Error())
	}
	fmt.Printf("listening %d\n", socket.LocalAddr().(*net.UDPAddr).Port)
	buffer := make([]byte, 2048)
	for {
		size, from, err := socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			fail(1, err.Error())
		}
		socket.WriteToUDPAddrPort(buffer[:size], from)
	}
}
