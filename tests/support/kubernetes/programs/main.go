// Stands in for the images that no machine without a registry has. What it does is its first word:
//
//	pause            sleeps, as the sandbox image of a pod does, and buries the orphans
//	exporter         answers on the port that prometheus-nats-exporter listens on
//	lookup NAME      prints the addresses of a name, as the pod's resolver finds them
//	connect ADDRESS  opens a connection and prints the first line that comes
//	reach ADDRESS...  prints which of them take a connection
//	echo ADDRESS USER PASSWORD SUBJECT  sends itself a message through NATS and prints it
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	if filepath.Base(os.Args[0]) == "prometheus-nats-exporter" {
		exporter(os.Args[1:])
	}
	if len(os.Args) < 2 {
		fail("say what to do: pause, exporter, lookup, connect, reach or echo")
	}
	switch words := os.Args[2:]; os.Args[1] {
	case "pause":
		pause()
	case "exporter":
		exporter(words)
	case "lookup":
		lookup(words[0])
	case "connect":
		connect(words[0])
	case "reach":
		reach(words)
	case "echo":
		echo(words[0], words[1], words[2], words[3])
	default:
		fail("there is no " + os.Args[1])
	}
}

func pause() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	for {
		select {
		case <-ended:
			return
		case <-children:
			for {
				if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
					break
				}
			}
		}
	}
}

// Takes the real exporter's flags, of which only -port and -addr mean anything here.
func exporter(words []string) {
	address, port, url := "0.0.0.0", "7777", ""
	for i := 0; i < len(words); i++ {
		name, value, has := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
		switch {
		case !strings.HasPrefix(words[i], "-"):
			url = words[i]
		case name == "port" || name == "p" || name == "addr" || name == "a":
			if !has && i+1 < len(words) {
				i++
				value = words[i]
			}
			if strings.HasPrefix(name, "p") {
				port = value
			} else {
				address = value
			}
		}
	}
	http.HandleFunc("/metrics", func(answer http.ResponseWriter, _ *http.Request) {
		answer.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprintf(answer, "# A stand-in for prometheus-nats-exporter: it asks %s nothing.\n", url)
	})
	signal.Ignore(syscall.SIGHUP)
	fail(http.ListenAndServe(net.JoinHostPort(address, port), nil).Error())
}

func lookup(name string) {
	addresses, err := net.LookupHost(name)
	if err != nil {
		fail(err.Error())
	}
	fmt.Println(strings.Join(addresses, " "))
}

func connect(address string) {
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		fail(err.Error())
	}
	defer connection.Close()
	connection.SetReadDeadline(time.Now().Add(5 * time.Second))
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		fail(err.Error())
	}
	fmt.Print(line)
}

func reach(addresses []string) {
	taken := make([]bool, len(addresses))
	var all sync.WaitGroup
	for index, address := range addresses {
		all.Add(1)
		go func() {
			defer all.Done()
			connection, err := net.DialTimeout("tcp", address, 3*time.Second)
			if err == nil {
				taken[index] = true
				connection.Close()
			}
		}()
	}
	all.Wait()
	for index, address := range addresses {
		if taken[index] {
			fmt.Println(address)
		}
	}
}

func echo(address, user, password, subject string) {
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		fail(err.Error())
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	login, _ := json.Marshal(map[string]any{"user": user, "pass": password, "verbose": false})
	fmt.Fprintf(connection, "CONNECT %s\r\nSUB %s 1\r\nPUB %s 5\r\nhello\r\n", login, subject, subject)
	lines := bufio.NewReader(connection)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			fail(err.Error())
		}
		if strings.HasPrefix(line, "-ERR") {
			fail(line)
		}
		if strings.HasPrefix(line, "MSG ") {
			payload, _ := lines.ReadString('\n')
			fmt.Print(payload)
			return
		}
	}
}

func fail(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(1)
}
