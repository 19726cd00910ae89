package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/crowsnest-sec/crowsnest"
)

// verifyBlob checks the size, and the digest where it is known, of what is read
// through it. It decides at the last byte and not at the end of the stream, because a
// decompressor stops reading where its own format ends.
func verifyBlob(ctx context.Context, rc io.ReadCloser, digest crowsnest.Digest, size int64, subject string) io.ReadCloser {
	v := &verifier{ctx: ctx, rc: rc, digest: digest, left: size, size: size, subject: subject}
	if digest != "" {
		v.hash = sha256.New()
	}
	return v
}

type verifier struct {
	ctx     context.Context
	rc      io.ReadCloser
	hash    hash.Hash // nil where the digest is not known
	digest  crowsnest.Digest
	size    int64
	left    int64
	checked bool
	subject string
	err     error // final
}

func (v *verifier) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	if v.ctx.Err() != nil {
		return 0, v.fail(v.ctx.Err())
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := v.rc.Read(p)
	if int64(n) > v.left {
		return 0, v.fail(refuse(crowsnest.Corrupt, hintDamaged, "there is more than its %d bytes", v.size))
	}
	v.left -= int64(n)
	if v.hash != nil {
		v.hash.Write(p[:n])
	}
	if v.left == 0 && !v.checked {
		if mismatch := v.check(); mismatch != nil {
			return 0, v.fail(mismatch)
		}
	}
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF && v.left > 0:
		return n, v.fail(refuse(crowsnest.Corrupt, hintDamaged, "it is cut off: %d of its %d bytes are missing", v.left, v.size))
	case err == io.EOF:
		v.err = io.EOF
		return n, io.EOF
	}
	return n, v.fail(err)
}

func (v *verifier) check() error {
	v.checked = true
	if v.hash == nil {
		return nil
	}
	got := crowsnest.Digest(crowsnest.DigestPrefix + hex.EncodeToString(v.hash.Sum(nil)))
	if got != v.digest {
		return refuse(crowsnest.Corrupt, hintDamaged, "its digest does not match: %s is there", got)
	}
	return nil
}

func (v *verifier) fail(err error) error {
	var e *crowsnest.Error
	if !errors.As(err, &e) {
		e = &crowsnest.Error{Kind: crowsnest.Internal, Err: err}
	}
	v.err = describe(v.ctx, e, "read layer", v.subject)
	return v.err
}

func (v *verifier) Close() error { return v.rc.Close() }
