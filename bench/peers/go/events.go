package main

import (
	"net/http"
	"strings"
	"sync"
)

// hub has a channel for each client.
type hub struct {
	sync.Mutex
	followers map[chan []byte]struct{}
}

func (h *hub) send(text []byte) {
	h.Lock()
	defer h.Unlock()
	for follower := range h.followers {
		select {
		case follower <- text:
		default: // it is too slow
		}
	}
}

func (h *hub) join() chan []byte {
	follower := make(chan []byte, 64)
	h.Lock()
	defer h.Unlock()
	h.followers[follower] = struct{}{}
	return follower
}

func (h *hub) leave(follower chan []byte) {
	h.Lock()
	defer h.Unlock()
	delete(h.followers, follower)
}

func (h *hub) follow(w http.ResponseWriter, r *http.Request) {
	follower := h.join()
	defer h.leave(follower)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flusher := w.(http.Flusher)
	flusher.Flush()
	for {
		select {
		case text := <-follower:
			if _, err := w.Write(text); err != nil {
				return
			}
			flusher.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// serveSSE sends an event to all who follow, when somebody asks for it.
func serveSSE() {
	all := hub{followers: map[chan []byte]struct{}{}}
	text := []byte("data: " + strings.Repeat("f", 64) + "\n\n")
	answer := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			all.follow(w, r)
			return
		}
		all.send(text)
		w.WriteHeader(http.StatusNoContent)
	}
	server := http.Server{Handler: http.HandlerFunc(answer)}
	fail(1, server.Serve(webListener("plain")).Error())
}
