// Package ignore applies decisions that lie beside the source to what was found in an image: those of a file, .crowsnest.yaml, in the words of exceptions,
// and those of VEX documents on this machine. They suppress what is told here, and nothing at a server.
package ignore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/vex"
)

// FileName is the file that is read where nobody names another.
const FileName = ".crowsnest.yaml"

// The bounds of what is read.
const (
	maxFile    = 1 << 20
	maxEntries = 2000
	maxFiles   = 1000 // of a folder
)

// Set is what is decided beside the source.
type Set struct {
	decisions crowsnest.Decisions
	// Notes are what whoever runs this should know: what expired, and documents that say nothing.
	Notes []string
}

// Empty reports whether nothing is decided.
func (s Set) Empty() bool { return s.decisions.Empty() }

// Options says what to read.
type Options struct {
	// File is the path of the file; empty for FileName in the working directory, which there need not be.
	File string
	// None reads no file.
	None bool
	// Documents are files with VEX documents, and folders with some.
	Documents []string
	// Authors are regular expressions of the authors of documents that count; without any, each does.
	Authors []string
	Now     time.Time
}

// Read reads what is decided.
func Read(o Options) (Set, error) {
	var out Set
	var all []crowsnest.Decision
	if !o.None {
		list, notes, err := file(o)
		if err != nil {
			return out, err
		}
		all, out.Notes = append(all, list...), append(out.Notes, notes...)
	}
	list, notes, err := documents(o)
	if err != nil {
		return out, err
	}
	all, out.Notes = append(all, list...), append(out.Notes, notes...)
	out.decisions = crowsnest.NewDecisions(all, o.Now)
	return out, nil
}

// entry is a decision in the file.
type entry struct {
	Vulnerability string                  `yaml:"vulnerability"`
	Type          string                  `yaml:"type"`
	Justification string                  `yaml:"justification"`
	Text          string                  `yaml:"text"`
	Expires       string                  `yaml:"expires"`
	Scope         crowsnest.DecisionScope `yaml:"scope"`
}

// file reads the file, if there is one.
func file(o Options) (list []crowsnest.Decision, notes []string, err error) {
	path := o.File
	if path == "" {
		path = FileName
	}
	raw, err := read(path, maxFile)
	if o.File == "" && errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	fail := func(line int, err error, hint string) ([]crowsnest.Decision, []string, error) {
		at := path
		if line > 0 {
			at = fmt.Sprintf("%s, line %d", path, line)
		}
		return nil, nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read", Subject: at, Hint: hint, Err: err}
	}
	if err != nil {
		return fail(0, err, "give the file with --ignore-file, or leave that out")
	}
	var nodes struct {
		Exceptions []yaml.Node `yaml:"exceptions"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&nodes); errors.Is(err, io.EOF) {
		return nil, nil, nil // an empty file decides nothing
	} else if err != nil {
		return fail(0, spoken(err), "it has one list, exceptions; see the user guide for what is in each")
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return fail(0, errors.New("it holds more than one document"), "write one list of exceptions")
	}
	if len(nodes.Exceptions) > maxEntries {
		return fail(0, fmt.Errorf("it has more than %d exceptions", maxEntries), "widen the scope of some, and remove the others")
	}
	for i := range nodes.Exceptions {
		n := &nodes.Exceptions[i]
		d, err := decision(n)
		if err != nil {
			own, hint := err, "each exception has vulnerability, type and text, and may have justification, expires and scope with image, repositories, environments and packages"
			var invalid *crowsnest.Error
			if errors.As(err, &invalid) {
				hint, own = invalid.Hint, fmt.Errorf("%s %s", invalid.Op, invalid.Subject)
			}
			return fail(n.Line, own, hint)
		}
		d.ID, d.Author = fmt.Sprintf("%s, line %d", filepath.Base(path), n.Line), filepath.Base(path)
		if !d.Holds(o.Now) {
			notes = append(notes, fmt.Sprintf("%s: the exception for %s expired on %s and suppresses nothing; remove it, or decide anew", d.ID, d.Vulnerability, d.Expires.Format(time.DateOnly)))
		}
		list = append(list, d)
	}
	return list, notes, nil
}

// spoken leaves out of an error of the YAML reader what speaks of Go.
func spoken(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n  ")
	text = regexp.MustCompile(`field (\S+) not found in type \S+( \{[^}]*\})?.*`).ReplaceAllString(text, "there is no field $1")
	text = regexp.MustCompile(`cannot unmarshal (\S+)( .*)? into \S+`).ReplaceAllString(text, "something else is expected than $1$2")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return errors.New(text)
}

// decision reads one exception.
func decision(n *yaml.Node) (crowsnest.Decision, error) {
	var e entry
	var none crowsnest.Decision
	if n.Kind != yaml.MappingNode {
		return none, errors.New("an exception is expected, with fields")
	}
	// A node is decoded without the strictness of its decoder, so it is written and read again.
	b, err := yaml.Marshal(n)
	if err != nil {
		return none, spoken(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&e); err != nil {
		return none, errors.New(regexp.MustCompile(`^line \d+: `).ReplaceAllString(spoken(err).Error(), ""))
	}
	kind, justification, err := crowsnest.ParseDecisionKind(e.Type, e.Justification)
	if err != nil {
		return none, err
	}
	scope, err := crowsnest.ReadDecisionScope(e.Scope)
	if err != nil {
		return none, err
	}
	d := crowsnest.Decision{Source: crowsnest.ByFile, Vulnerability: crowsnest.VulnerabilityName(e.Vulnerability), Kind: kind, Justification: justification, Scope: scope, Text: e.Text}
	switch {
	case d.Vulnerability == "" || len(d.Vulnerability) > 128:
		return none, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read vulnerability", Subject: d.Vulnerability[:min(len(d.Vulnerability), 40)], Hint: "name one, as CVE-2026-1234"}
	case strings.TrimSpace(d.Text) == "" || len(d.Text) > decided.MaxText || crowsnest.Text(d.Text) != d.Text:
		return none, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read text of", Subject: d.Vulnerability, Hint: "say why, in at most 4,096 bytes"}
	}
	if e.Expires != "" {
		d.Expires, err = crowsnest.ParseExpiry(e.Expires)
	}
	return d, err
}

// read reads a file of at most so many bytes.
func read(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fmt.Errorf("it has more than %d MB", most>>20)
	}
	return raw, err
}

// documents reads VEX documents.
func documents(o Options) (list []crowsnest.Decision, notes []string, err error) {
	var authors []*regexp.Regexp
	for _, text := range o.Authors {
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --vex-author", Subject: text, Hint: "write a regular expression, as .*@example\\.com", Err: err}
		}
		authors = append(authors, re)
	}
	for _, place := range o.Documents {
		files, err := filesOf(place)
		if err != nil {
			return nil, nil, err
		}
		for _, path := range files {
			raw, err := read(path, vex.MaxSize)
			if err != nil {
				return nil, nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read VEX document", Subject: path, Hint: "give files with documents, or folders with some", Err: err}
			}
			doc, err := vex.Read(raw, vex.Options{Name: path})
			if err != nil {
				return nil, nil, err
			}
			if len(authors) > 0 && !slices.ContainsFunc(authors, func(re *regexp.Regexp) bool { return re.MatchString(doc.Author) }) {
				notes = append(notes, fmt.Sprintf("%s: its author %q fits no --vex-author, and it suppresses nothing", path, doc.Author))
				continue
			}
			list = append(list, stated(doc)...)
		}
	}
	return list, notes, nil
}

// filesOf lists a file, or the JSON files of a folder.
func filesOf(place string) ([]string, error) {
	info, err := os.Stat(place)
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "read --vex-location", Subject: place, Hint: "give files with documents, or folders with some", Err: errors.Unwrap(err)}
	}
	if !info.IsDir() {
		return []string{place}, nil
	}
	entries, err := os.ReadDir(place)
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --vex-location", Subject: place, Hint: "give files with documents, or folders with some", Err: errors.Unwrap(err)}
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() && filepath.Ext(e.Name()) == ".json" {
			out = append(out, filepath.Join(place, e.Name()))
		}
	}
	if len(out) == 0 || len(out) > maxFiles {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --vex-location", Subject: place, Hint: fmt.Sprintf("it has %d files that end with .json; there must be some, and at most %d", len(out), maxFiles)}
	}
	return out, nil
}

// stated makes decisions of a document.
func stated(doc decided.Document) []crowsnest.Decision {
	var out []crowsnest.Decision
	for _, st := range doc.Statements {
		at := st.Stated
		if at.IsZero() {
			at = doc.Stated
		}
		for _, scope := range st.Scopes {
			out = append(out, crowsnest.Decision{
				ID: doc.Name, Source: crowsnest.ByVEX, Vulnerability: st.Vulnerability, Aliases: st.Aliases, Kind: st.Kind, Justification: st.Justification, Scope: scope, Text: st.Text, Author: doc.Author, Stated: at,
			})
		}
	}
	return out
}
