package main

import (
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

type message struct {
	Message string `json:"message"`
}

// webListener says where it listens; under TLS if that is the mode.
func webListener(mode string) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(1, err.Error())
	}
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	if mode == "tls" {
		return tls.NewListener(listener, tlsConfig())
	}
	return listener
}

var packers = sync.Pool{
	New: func() any { return gzip.NewWriter(nil) },
}

// writeCoded replies with a page in gzip, whoever asks.
func writeCoded(w http.ResponseWriter, page []byte) {
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Vary", "Accept-Encoding")
	packer := packers.Get().(*gzip.Writer)
	packer.Reset(w)
	packer.Write(page)
	packer.Close()
	packers.Put(packer)
}

// serveHTTP serves by net/http.
func serveHTTP(mode, files string) {
	static := http.StripPrefix("/files", http.FileServer(http.Dir(files)))
	page, _ := os.ReadFile(files + "/page.html")
	answer := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/plaintext":
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Write([]byte("Hello, World!"))
		case r.URL.Path == "/json":
			text, _ := json.Marshal(message{"Hello, World!"})
			w.Header().Set("Content-Type", "application/json")
			w.Write(text)
		case mode == "coded" && r.URL.Path == "/files/page.html":
			writeCoded(w, page)
		case strings.HasPrefix(r.URL.Path, "/files/"):
			static.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	}
	server := http.Server{Handler: http.HandlerFunc(answer)}
	if mode == "h2" {
		server.Protocols = new(http.Protocols)
		server.Protocols.SetUnencryptedHTTP2(true)
	}
	fail(1, server.Serve(webListener(mode)).Error())
}
