package myinfo

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// send gives the body of a good answer, and an error for every other.
func send(request *http.Request) ([]byte, error) {
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil || answer.StatusCode < 300 {
		return body, err
	}
	refused := new(Refused)
	if json.Unmarshal(body, refused) != nil || refused.Code == "" {
		return nil, fmt.Errorf("%s answered %s", request.URL.Host, answer.Status)
	}
	return nil, refused
}
