// Package stream decompresses a layer while its digest is computed and its tar
// archive is walked. Three stages run side by side: decompression, the digest over
// the uncompressed bytes, and whoever reads. A layer is hostile input, so its size
// and its compression ratio have caps.
package stream

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/crowsnest-sec/crowsnest"
)

// Limits are the caps on what a layer may decompress to. All must be positive.
type Limits struct {
	Stored     int64 // as they come
	Bytes      int64 // uncompressed
	Ratio      int64 // uncompressed bytes per stored byte …
	RatioFloor int64 // … which counts only after so many uncompressed bytes
}

// CapError is a cap that was reached: its name and value, for the reader of the error.
type CapError struct {
	Name  string
	Value any
}

func (e *CapError) Error() string { return fmt.Sprintf("more than the cap of %v %s", e.Value, e.Name) }

// SourceError is a failure of the reader the layer comes from, kept apart from a
// damaged layer.
type SourceError struct{ Err error }

func (e *SourceError) Error() string { return e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// source counts the stored bytes and marks the errors of the underlying reader.
type source struct {
	ctx   context.Context
	r     io.Reader
	bytes atomic.Int64
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	s.bytes.Add(int64(n))
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = &SourceError{err}
	}
	return n, err
}

// MaxZstdFrame caps the memory that decoding a Zstandard frame may take, in bytes.
const MaxZstdFrame = 128 << 20

const (
	blockSize   = 512 << 10
	blocksAhead = 6 // how far decompression may run ahead of the walk: 3 MiB
)

// block is a piece of the uncompressed stream, shared by the walk and the digest.
type block struct {
	data  []byte
	users atomic.Int32
}

var blockPool = sync.Pool{New: func() any { return &block{data: make([]byte, blockSize)} }}

func (b *block) release() {
	if b.users.Add(-1) == 0 {
		b.data = b.data[:cap(b.data)]
		blockPool.Put(b)
	}
}

// Stream is a layer being decompressed. It is an io.Reader over the tar bytes that
// can skip forward without copying, which archive/tar makes use of by Seek.
type Stream struct {
	ctx    context.Context
	cancel context.CancelFunc
	walk   chan *block
	digest chan *block
	done   sync.WaitGroup
	err    error // why decompression ended; read after walk is closed
	sum    crowsnest.Digest

	current *block
	unread  []byte
	offset  int64
}

// Open starts to decompress r, gzip, zstd or plain tar by its first bytes. The caller
// must call Close. Reading returns a *CapError, a *SourceError, or what is wrong with
// the compressed bytes.
func Open(ctx context.Context, r io.Reader, limits Limits) *Stream {
	ctx, cancel := context.WithCancel(ctx)
	s := &Stream{ctx: ctx, cancel: cancel, walk: make(chan *block, blocksAhead), digest: make(chan *block, blocksAhead)}
	s.done.Add(2)
	go func() {
		defer s.done.Done()
		defer close(s.walk)
		defer close(s.digest)
		// A decompressor is a parser of hostile input: a panic is a fault of the layer.
		defer func() {
			if p := recover(); p != nil {
				s.err = fmt.Errorf("decompression: %v", p)
			}
		}()
		s.err = s.decompress(&source{ctx: ctx, r: r}, limits)
	}()
	go func() {
		defer s.done.Done()
		h := sha256.New()
		for b := range s.digest {
			h.Write(b.data)
			b.release()
		}
		s.sum = crowsnest.Digest(crowsnest.DigestPrefix + hex.EncodeToString(h.Sum(nil)))
	}()
	return s
}

// Close ends the decompression and waits until the layer's reader is no longer used.
func (s *Stream) Close() {
	s.cancel()
	if s.current != nil {
		s.current.release()
		s.current, s.unread = nil, nil
	}
	for b := range s.walk {
		b.release()
	}
	s.done.Wait()
}

// Sum returns the digest of the uncompressed bytes, once Drain has read them all and
// Close was called.
func (s *Stream) Sum() crowsnest.Digest { return s.sum }

// decompress fills blocks until the stream ends.
func (s *Stream) decompress(src *source, limits Limits) error {
	plain, finish, err := decompressor(bufio.NewReaderSize(src, 128<<10))
	if err != nil {
		return err
	}
	defer finish()
	var total int64
	for {
		b := blockPool.Get().(*block)
		n, err := fill(plain, b.data)
		b.data = b.data[:n]
		total += int64(n)
		switch {
		case src.bytes.Load() > limits.Stored:
			return &CapError{"stored bytes", limits.Stored}
		case total > limits.Bytes:
			return &CapError{"uncompressed bytes", limits.Bytes}
		case total > limits.RatioFloor && total/limits.Ratio > src.bytes.Load():
			return &CapError{"uncompressed bytes per stored byte", limits.Ratio}
		}
		if n > 0 {
			b.users.Store(2)
			if !s.send(s.walk, b) || !s.send(s.digest, b) {
				return s.ctx.Err()
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fill reads until p is full or r ends. Unlike io.ReadFull it keeps a regular end
// (io.EOF) apart from that of a truncated source (io.ErrUnexpectedEOF).
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}

func (s *Stream) send(to chan<- *block, b *block) bool {
	select {
	case to <- b:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// decompressor tells gzip, zstd and plain tar apart by their first bytes, whatever
// a media type says.
func decompressor(r *bufio.Reader) (plain io.Reader, finish func(), err error) {
	head, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, err
		}
		return z, func() { z.Close() }, nil
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}) || len(head) == 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:], []byte{0x2a, 0x4d, 0x18}):
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxZstdFrame), zstd.WithDecoderMaxWindow(MaxZstdFrame))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	return r, func() {}, nil
}

// next makes unread non-empty or returns why that is not possible.
func (s *Stream) next() error {
	for len(s.unread) == 0 {
		if s.current != nil {
			s.current.release()
			s.current = nil
		}
		b, ok := <-s.walk
		if !ok {
			if s.err != nil {
				return s.err
			}
			return io.EOF
		}
		s.current, s.unread = b, b.data
	}
	return nil
}

// Read implements io.Reader.
func (s *Stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := s.next(); err != nil {
		return 0, err
	}
	n := copy(p, s.unread)
	s.unread = s.unread[n:]
	s.offset += int64(n)
	return n, nil
}

var errSeek = errors.New("a layer stream only skips forward")

// Seek skips forward, and stops without an error where the stream ends, as reading
// beyond the end of a file would.
func (s *Stream) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekCurrent || offset < 0 {
		return 0, errSeek
	}
	for offset > 0 {
		if err := s.next(); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return s.offset, err
		}
		n := min(offset, int64(len(s.unread)))
		s.unread = s.unread[n:]
		s.offset += n
		offset -= n
	}
	return s.offset, nil
}

// Drain reads what follows the tar archive, which belongs to the digest.
func (s *Stream) Drain() error {
	for {
		s.offset += int64(len(s.unread))
		s.unread = nil
		if err := s.next(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
