// fasthttp: Go, by goroutines of a pool; GOMAXPROCS=1 is set by the runner.
//
// fasthttp_peer plain|tls DIRECTORY serves, and prints "listening PORT". For
// tls the certificate and its key are in BENCH_CERTIFICATE.
package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/valyala/fasthttp"
)

type message struct {
	Message string `json:"message"`
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func listen(mode string) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	if mode != "tls" {
		return listener
	}
	path := os.Getenv("BENCH_CERTIFICATE")
	certificate, err := tls.LoadX509KeyPair(path, path)
	if err != nil {
		fail(err)
	}
	return tls.NewListener(listener,
		&tls.Config{Certificates: []tls.Certificate{certificate}})
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: fasthttp_peer plain|tls DIRECTORY")
		os.Exit(2)
	}
	static := fasthttp.FSHandler(os.Args[2], 1)
	answer := func(ctx *fasthttp.RequestCtx) {
		path := string(ctx.Path())
		switch {
		case path == "/plaintext":
			ctx.SetContentType("text/plain; charset=utf-8")
			ctx.SetBodyString("Hello, World!")
		case path == "/json":
			text, _ := json.Marshal(message{"Hello, World!"})
			ctx.SetContentType("application/json")
			ctx.SetBody(text)
		case strings.HasPrefix(path, "/files/"):
			static(ctx)
		default:
			ctx.NotFound()
		}
	}
	fail(fasthttp.Serve(listen(os.Args[1]), answer))
}
