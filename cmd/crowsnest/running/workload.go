package running

import (
	"fmt"
	"net/url"

	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/spf13/cobra"
)

func (c commands) environmentWorkloads() *cobra.Command {
	var search, namespace, cluster string
	var past bool
	var limit int
	cmd := &cobra.Command{
		Use: "workloads ENV", Short: "List the containers that run in an environment, with what is in use of each",
		Long: `List the containers that run in an environment, the newest first, with how many vulnerabilities of the
image are in packages that the container was seen to load (IN USE), was not seen to load (NOT SEEN)
and of which nothing is known (NOT OBSERVED). It is of this container alone: what another one of the
same image loads counts in crowsnest environment ENV. --past lists what ran and runs no more as well.`,
		Example: `  crowsnest environment workloads production --namespace shop
  crowsnest environment workloads production --search "deployment nginx" --past`,
		Args: cli.Exactly("an environment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{}
			for key, value := range map[string]string{"q": search, "namespace": namespace, "cluster": cluster} {
				if value != "" {
					query.Set(key, value)
				}
			}
			if !past {
				query.Set("running", "true")
			}
			remote, err := c.NeedServer("list workloads")
			if err != nil {
				return err
			}
			list, err := cli.Asking(c.CLI, "asking "+remote.Host(), func() ([]wire.Occurrence, error) {
				return remote.Occurrences(cmd.Context(), args[0], query, limit)
			})
			if err != nil {
				return err
			}
			return c.Print(list, func(p report.Printer) {
				if len(list) == 0 {
					fmt.Fprintln(p.W, nothing(search+namespace+cluster != "", past))
					return
				}
				p.Occurrences(list, limit)
			})
		},
	}
	cmd.Flags().StringVar(&search, "search", "", "words, each part of workload, namespace, cluster or image")
	cmd.Flags().StringVar(&namespace, "namespace", "", "only in this namespace")
	cmd.Flags().StringVar(&cluster, "cluster", "", "only in this cluster")
	cmd.Flags().BoolVar(&past, "past", false, "also what runs no more")
	cmd.Flags().IntVar(&limit, "limit", 100, "at most so many; 0 for all")
	c.Formats(cmd)
	return cmd
}

// nothing says that a list of workloads is empty, and how to see more.
func nothing(narrowed, past bool) string {
	what := "nothing"
	if narrowed {
		what = "nothing of that kind"
	}
	if past {
		return what + " runs or ran there"
	}
	return what + " runs there; --past lists what ran before"
}
