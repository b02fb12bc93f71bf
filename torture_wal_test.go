package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"

	"github.com/fsnotify/fsnotify"
)

// untilCommit starts a till, plays the story at it and kills it at the given
// commit; it says how many it has seen.
func untilCommit(data string, kill int, start func() (*client, error), story func(*client)) (int, error) {
	changes, err := fsnotify.NewWatcher()
	if err != nil {
		return 0, err
	}
	defer func() { _ = changes.Close() }()
	if err := changes.Add(data); err != nil {
		return 0, err
	}
	c, err := start()
	if err != nil {
		return 0, err
	}
	defer c.kill()
	end := make(chan struct{})
	go func() { defer close(end); story(c) }()
	log := wal{path: filepath.Join(data, "journal.db-wal")}
	for {
		select {
		case <-changes.Events:
		case <-end:
			return log.commits, nil
		case err := <-changes.Errors:
			return log.commits, err
		}
		if log.read(); log.commits >= kill {
			c.kill()
			<-end
			return log.commits, nil
		}
	}
}

// wal counts the commits in a write-ahead log that is being written: frames
// whose header names the size of the database. Source:
// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
type wal struct {
	path    string
	at      int64
	page    int64
	salt    []byte
	commits int
}

const (
	walHeader   = 32
	frameHeader = 24
)

func (w *wal) read() {
	f, err := os.Open(w.path)
	if err != nil {
		return // not there yet
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, walHeader)
	if n, _ := f.ReadAt(head, 0); n < walHeader {
		return
	}
	if !bytes.Equal(head[16:24], w.salt) { // a log that starts over
		w.page, w.salt, w.at = int64(binary.BigEndian.Uint32(head[8:])), slices.Clone(head[16:24]), walHeader
	}
	for {
		n, _ := f.ReadAt(head[:frameHeader], w.at)
		if n < frameHeader || !bytes.Equal(head[8:16], w.salt) {
			return
		}
		if binary.BigEndian.Uint32(head[4:]) != 0 {
			w.commits++
		}
		w.at += frameHeader + w.page
	}
}
