package sysdig

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// readImages reads a page to its end. Items that cannot be used are counted;
// anything that puts the page as a whole in doubt is an error.
//
// A sweep may be a gigabyte of JSON, most of it lists of packages that came before, which the folder takes out. The decoder of tokens
// looks at each byte of the rest once and hands out a list as it stands, which the standard library's does in three passes.
func readImages(r io.Reader, number int, cache *loadedCache, redact func(string) string) (*imagesPage, error) {
	body, err := begin(r)
	if err != nil {
		return nil, err
	}
	dec := jsontext.NewDecoder(newFolder(body, &cache.folds), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if t, err := dec.ReadToken(); err != nil {
		return nil, notJSON(err)
	} else if t.Kind() != '{' {
		return nil, errors.New("the answer is JSON but not a list of Sysdig")
	}
	p := &imagesPage{number: number, cache: cache, redact: redact}
	var page *wirePage
	count, hasData := 0, false
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, notJSON(err)
		}
		switch name.String() {
		case "page":
			v, err := dec.ReadValue()
			if err != nil {
				return nil, notJSON(err)
			}
			if err := json.Unmarshal(v, &page); err != nil {
				return nil, fieldError("page", err)
			}
		case "data":
			if hasData {
				return nil, errors.New("data comes twice")
			}
			hasData = true
			if count, err = p.readItems(dec); err != nil {
				return nil, err
			}
		default:
			if err := dec.SkipValue(); err != nil {
				return nil, notJSON(err)
			}
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, notJSON(err)
	}
	switch _, err := dec.ReadToken(); {
	case err == nil:
		return nil, damaged("something follows the JSON")
	case err != io.EOF:
		return nil, notJSON(err)
	}
	// Without page, nothing says that this is the last one, nor that it is a list at all.
	if page == nil {
		return nil, errors.New("the answer has no page")
	}
	if page.Returned != nil && count < *page.Returned {
		return nil, damaged("the page announces %d items and holds %d", *page.Returned, count)
	}
	p.next, err = page.next()
	return p, err
}

func fieldError(field string, err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		word, _, _ := strings.Cut(wrong.Value, " ") // what came, without its value
		return fmt.Errorf("%s is of the wrong type, %s", field, word)
	}
	return notJSON(err)
}

// readItems reads the array of data, or its null.
func (p *imagesPage) readItems(dec *jsontext.Decoder) (count int, err error) {
	t, err := dec.ReadToken()
	switch {
	case err != nil:
		return 0, notJSON(err)
	case t.Kind() == 'n':
		return 0, nil
	case t.Kind() != '[':
		return 0, errors.New("data is not a list")
	}
	var packages []byte // used again for each item
	for dec.PeekKind() != ']' {
		it, wrong, err := readItem(dec, packages[:0])
		if err != nil {
			return 0, notJSON(err)
		}
		count++
		if wrong != "" {
			p.rejectItem(it, "%s", wrong)
			continue
		}
		p.add(it)
		packages = it.Packages
	}
	if _, err := dec.ReadToken(); err != nil {
		return 0, notJSON(err)
	}
	return count, nil
}

// readItem reads a container, as far as its fields are of the types they should be, and says of the first that is not.
// Upper and lower case of their names are the same. The bytes of packages are appended to those given.
func readItem(dec *jsontext.Decoder, packages []byte) (it wireItem, wrong string, err error) {
	mistyped := func(field string, kind jsontext.Kind) {
		if wrong == "" {
			wrong = fmt.Sprintf("%s is of the wrong type, %s", field, typeWords[kind])
		}
	}
	if kind := dec.PeekKind(); kind != '{' {
		if kind != 'n' {
			mistyped("the item", kind)
		}
		return it, wrong, dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return it, wrong, err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return it, wrong, err
		}
		field, into := it.field(name.String())
		if field == "packages" {
			v, err := dec.ReadValue()
			if err != nil {
				return it, wrong, err
			}
			it.Packages = append(packages[:0], v...)
			continue
		}
		kind := dec.PeekKind()
		if into == nil || kind != '"' {
			if into != nil && kind != 'n' {
				mistyped(field, kind)
			}
			if err := dec.SkipValue(); err != nil {
				return it, wrong, err
			}
			continue
		}
		value, err := dec.ReadToken()
		if err != nil {
			return it, wrong, err
		}
		*into = value.String()
	}
	_, err = dec.ReadToken()
	return it, wrong, err
}

// field returns where a field goes, by its name as it comes; nil if it is not a text that is read.
func (it *wireItem) field(name string) (string, *string) {
	for _, f := range []struct {
		name string
		into *string
	}{
		{"namespace", &it.Namespace}, {"workloadKind", &it.WorkloadKind}, {"workloadName", &it.WorkloadName}, {"container", &it.Container},
		{"imageID", &it.ImageID}, {"packages", nil},
	} {
		if strings.EqualFold(f.name, name) {
			return f.name, f.into
		}
	}
	return "", nil
}

// typeWords name what may come instead of a text.
var typeWords = map[jsontext.Kind]string{'t': "bool", 'f': "bool", '0': "number", '"': "string", '[': "array", '{': "object"}
