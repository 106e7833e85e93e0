package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

func get(client *http.Client, url string) {
	response, err := client.Get(url)
	if err != nil {
		fail(1, err.Error())
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != 200 || len(body) != 13 {
		fail(1, "an answer is wrong")
	}
}

// fetches has count goroutines get a URL for so long, and returns how often
// they did.
func fetches(client *http.Client, url string, count int,
	span time.Duration) int {
	var group sync.WaitGroup
	end := time.Now().Add(span)
	sum := make([]int, count)
	for i := range sum {
		group.Add(1)
		go func() {
			defer group.Done()
			for time.Now().Before(end) {
				get(client, url)
				sum[i]++
			}
		}()
	}
	group.Wait()
	all := 0
	for _, n := range sum {
		all += n
	}
	return all
}

func benchHTTPClient(count, port int) {
	url := fmt.Sprintf("http://127.0.0.1:%d/plaintext", port)
	client := &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: count},
	}
	fetches(client, url, count, window)
	used, begin := processor(), time.Now()
	answers := float64(fetches(client, url, count, 3*window))
	spent := time.Since(begin)
	fmt.Printf("httpclient client %.4f\n",
		float64((processor()-used).Nanoseconds())/answers/1e3)
	fmt.Printf("httpclient rate %.4f\n", answers/spent.Seconds()/1e3)
}
