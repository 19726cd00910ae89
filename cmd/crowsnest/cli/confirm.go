package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/report"
)

// Confirm asks whether something is to be deleted, and is an error unless it is. Where nobody can be asked it is refused.
func (c *CLI) Confirm(stdin io.Reader, what, name string) error {
	refuse := func(why string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "delete " + what, Subject: name, Hint: "give --yes to delete it without being asked", Err: errors.New(why)}
	}
	if f, ok := stdin.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return refuse("nobody can be asked here")
	}
	if sure, err := confirmed(c.Err, stdin, "Delete "+what+" "+name+"?"); err != nil || sure {
		return err
	}
	return refuse("it was not wanted, so nothing was deleted")
}

// confirmed asks, and takes anything but yes for no.
func confirmed(out io.Writer, stdin io.Reader, question string) (bool, error) {
	fmt.Fprintf(out, "%s [y/N] ", report.Clean(question))
	line, err := bufio.NewReader(io.LimitReader(stdin, 1<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes", nil
}
