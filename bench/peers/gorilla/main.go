// gorilla: WebSockets by net/http; GOMAXPROCS=1 is set by the runner.
//
// gorilla_peer sends back each message, and prints "listening PORT".
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{}

func echo(w http.ResponseWriter, r *http.Request) {
	peer, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer peer.Close()
	for {
		kind, message, err := peer.ReadMessage()
		if err != nil || peer.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
		err = http.Serve(listener, http.HandlerFunc(echo))
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
