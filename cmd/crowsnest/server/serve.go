package server

import (
	"fmt"
	"log/slog"
	"net"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (c commands) serve() *cobra.Command {
	var load func() (config.Config, error)
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the server",
		Long: `Run the server. Without a database it keeps everything in a SQLite file in its data folder; with
--database postgres://… any number of equal replicas may share the work. The first start prints a
one-time link that makes the first owner; nothing is open without signing in.

Settings come from --config FILE (YAML), then from CROWSNEST_… variables, then from flags; see
docs/operations.md.`,
		Args: cli.AtMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			log := c.logger(cfg.Log)
			for _, warning := range cfg.Lint() {
				log.Warn("check the configuration", "setting", warning)
			}
			a, err := app.New(cmd.Context(), cfg, c.Version, log)
			if err != nil {
				return err
			}
			defer a.Close()
			return a.Run(cmd.Context(), func(addr net.Addr) {
				if link := a.FirstLink(addr); link != "" {
					fmt.Fprintf(c.Err, "\nNobody can sign in yet. This link makes the first owner; it works once, for a day:\n\n    %s\n\n", link)
				}
				log.Info("ready", "url", "http://"+addr.String())
			})
		},
	}
	cmd.Flags().StringSlice("egress-allow", nil, "networks that may be reached although they are not public, such as 10.0.0.0/8")
	cmd.Flags().String("log-level", "", "debug, info, warn or error (default info)")
	cmd.Flags().String("log-format", "", "text or json (default text)")
	load = c.serverSettings(cmd.Flags())
	return cmd
}

// serverSettings adds the flags that say which server's configuration counts, and returns
// what reads it, together with those of the other flags that name a setting.
func (c commands) serverSettings(to *pflag.FlagSet) func() (config.Config, error) {
	path := to.String("config", "", "configuration file")
	to.String("listen", "", "address the server listens on (default 127.0.0.1:8080)")
	to.String("data", "", "folder of the SQLite database and the key file")
	to.String("database", "", "postgres:// URL, or path of a SQLite file")
	return func() (config.Config, error) {
		flags := map[string]any{}
		for name, key := range map[string]string{"listen": "listen", "data": "data", "database": "database", "egress-allow": "egress.allow", "log-level": "log.level", "log-format": "log.format"} {
			f := to.Lookup(name)
			if f == nil || !f.Changed {
				continue
			}
			if list, ok := f.Value.(pflag.SliceValue); ok {
				flags[key] = list.GetSlice()
			} else {
				flags[key] = f.Value.String()
			}
		}
		return config.Load(*path, c.Environ, flags)
	}
}

func (c commands) logger(l config.Log) *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(l.Level)) // checked with the configuration
	opts := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(c.Err, opts))
	}
	return slog.New(slog.NewTextHandler(c.Err, opts))
}
