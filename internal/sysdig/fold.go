package sysdig

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"hash/maphash"
	"io"
	"slices"
	"strconv"
)

const (
	foldBuffer = 512 << 10 // bytes; longer lists of packages are read whole each time
	maxFolds   = 8         // lists kept of one image: what its containers load differs
)

// folds are lists of packages that came before, by the image ID they came with. Most of a large cluster's answer are such lists, and to
// compare one takes a tenth of the time that reading it takes.
type folds struct {
	byImage map[string][]fold
	lists   []*loadedList // by number
	mark    string        // begins what stands for a list; nobody else can know it
	seeds   [2]maphash.Seed
	buffer  *bufio.Reader // of the pages, one after the other
}

// fold is a list that may come again.
type fold struct {
	size   int // of its bytes after the first one, the bracket
	sum    [2]uint64
	number int // in folds.lists
}

// sum is told by two hashes of 64 bits with seeds made for this sweep, so that no list can be made to be taken for another.
func (f *folds) sum(raw []byte) [2]uint64 {
	return [2]uint64{maphash.Bytes(f.seeds[0], raw), maphash.Bytes(f.seeds[1], raw)}
}

// learn remembers that a list came with an image.
func (f *folds) learn(image string, raw []byte, l *loadedList) {
	if len(raw) < 2 || raw[0] != '[' || len(raw) > foldBuffer {
		return
	}
	if f.byImage == nil {
		f.byImage, f.mark = make(map[string][]fold), `"`+rand.Text()+`:`
		f.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	}
	known := f.byImage[image]
	if len(known) >= maxFolds {
		known = known[:maxFolds-1]
	}
	one := fold{size: len(raw) - 1, sum: f.sum(raw[1:]), number: len(f.lists)}
	if slices.ContainsFunc(known, func(k fold) bool { return k.size == one.size && k.sum == one.sum }) {
		return // it came with other spaces before it
	}
	f.lists = append(f.lists, l)
	f.byImage[image] = slices.Insert(known, 0, one)
}

// unfold returns the list that a text stands for, nil if it stands for none.
func (f *folds) unfold(raw []byte) *loadedList {
	if f.mark == "" || len(raw) <= len(f.mark) || string(raw[:len(f.mark)]) != f.mark {
		return nil
	}
	n, err := strconv.Atoi(string(raw[len(f.mark) : len(raw)-1]))
	if err != nil || n < 0 || n >= len(f.lists) {
		return nil
	}
	return f.lists[n]
}

// folder hands on an answer with a short text in place of each list of packages that came before with the same image, byte by byte.
type folder struct {
	in    *bufio.Reader
	known *folds
	out   []byte // not handed on yet
	own   []byte // holds out where it is not part of the buffer of in
	err   error  // after out
}

func newFolder(r io.Reader, known *folds) *folder {
	if known.buffer == nil {
		known.buffer = bufio.NewReaderSize(nil, foldBuffer)
	}
	known.buffer.Reset(r)
	return &folder{in: known.buffer, known: known}
}

func (f *folder) Read(p []byte) (int, error) {
	for len(f.out) == 0 {
		if f.err != nil {
			return 0, f.err
		}
		f.out, f.err = f.next()
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

// next returns what follows, up to the next bracket that opens.
func (f *folder) next() ([]byte, error) {
	chunk, err := f.in.ReadSlice('[')
	if err != nil {
		if err == bufio.ErrBufferFull {
			err = nil
		}
		return chunk, err
	}
	known := f.known.byImage[string(imageBefore(chunk))]
	if len(known) == 0 {
		return chunk, nil
	}
	f.own = append(f.own[:0], chunk...) // what is looked at may move the buffer
	for _, k := range known {
		raw, err := f.in.Peek(k.size)
		if err != nil || f.known.sum(raw) != k.sum {
			continue // it may be shorter than this one
		}
		if _, err := f.in.Discard(k.size); err != nil {
			return nil, err
		}
		f.own = append(f.own[:len(f.own)-1], f.known.mark...)
		f.own = strconv.AppendInt(f.own, int64(k.number), 10)
		return append(f.own, '"'), nil
	}
	return f.own, nil
}

// imageBefore returns the image ID before a list of packages that is just opened, nil if the text does not end so. Within a text of JSON
// the quotes would be escaped.
func imageBefore(text []byte) []byte {
	text = text[:len(text)-1]
	for _, end := range []string{":", `"packages"`, ",", `"`} {
		var ok bool
		if text, ok = bytes.CutSuffix(bytes.TrimRight(text, " \t\r\n"), []byte(end)); !ok {
			return nil
		}
	}
	i := bytes.LastIndexByte(text, '"')
	if i < 0 {
		return nil
	}
	image, text := text[i+1:], text[:i]
	for _, end := range []string{":", `"imageID"`} {
		var ok bool
		if text, ok = bytes.CutSuffix(bytes.TrimRight(text, " \t\r\n"), []byte(end)); !ok {
			return nil
		}
	}
	return image
}
