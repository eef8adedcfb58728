// Logs with the libraries of Go that services use, one file for each way of logging.
//
//	go mod init formats && cp tests/formats/libraries.go . && go mod tidy && go run . DIR
package main

import (
	"errors"
	"log"
	"log/slog"
	"os"
	"path/filepath"

	kitlog "github.com/go-kit/log"
	"github.com/hashicorp/go-hclog"
	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"k8s.io/klog/v2"
)

func create(name string) *os.File {
	file, err := os.Create(filepath.Join(os.Args[1], "go-"+name+".log"))
	if err != nil {
		panic(err)
	}
	return file
}

func main() {
	os.MkdirAll(os.Args[1], 0o755)
	declined := errors.New("declined")

	for name, flags := range map[string]int{"log": log.LstdFlags, "log-micro": log.LstdFlags | log.Lmicroseconds | log.Lshortfile, "log-utc": log.LstdFlags | log.LUTC | log.Lmsgprefix} {
		logger := log.New(create(name), "", flags)
		logger.Println("cart loaded")
		logger.Printf("charge failed: %v", declined)
	}
	log.New(create("log-prefix"), "[shop] ", log.LstdFlags).Println("cart loaded")

	for name, handler := range map[string]slog.Handler{"slog-text": slog.NewTextHandler(create("slog-text"), nil), "slog-json": slog.NewJSONHandler(create("slog-json"), &slog.HandlerOptions{AddSource: true})} {
		_ = name
		logger := slog.New(handler)
		logger.Info("cart loaded", "sku", "A-19")
		logger.Warn("stock low", slog.Group("stock", "left", 2))
		logger.Error("charge failed", "error", declined)
	}

	for name, config := range map[string]zapcore.EncoderConfig{"zap-production": zap.NewProductionEncoderConfig(), "zap-development": zap.NewDevelopmentEncoderConfig()} {
		for kind, encoder := range map[string]zapcore.Encoder{"json": zapcore.NewJSONEncoder(config), "console": zapcore.NewConsoleEncoder(config)} {
			logger := zap.New(zapcore.NewCore(encoder, create(name+"-"+kind), zap.DebugLevel), zap.AddCaller(), zap.AddStacktrace(zap.ErrorLevel))
			logger.Named("orders").Info("cart loaded", zap.String("sku", "A-19"))
			logger.Warn("stock low", zap.Int("left", 2))
			logger.Error("charge failed", zap.Error(declined))
		}
	}

	zero := zerolog.New(create("zerolog")).With().Timestamp().Logger()
	zero.Info().Str("sku", "A-19").Msg("cart loaded")
	zero.Error().Err(declined).Msg("charge failed")
	console := zerolog.New(zerolog.ConsoleWriter{Out: create("zerolog-console"), NoColor: true}).With().Timestamp().Logger()
	console.Info().Str("sku", "A-19").Msg("cart loaded")
	console.Error().Err(declined).Msg("charge failed")
	colours := zerolog.New(zerolog.ConsoleWriter{Out: create("zerolog-colours")}).With().Timestamp().Logger()
	colours.Warn().Msg("stock low")
	zerolog.TimeFieldFormat = zerolog.TimeFormatUnixMs
	unix := zerolog.New(create("zerolog-unix")).With().Timestamp().Logger()
	unix.Info().Msg("cart loaded")

	for name, formatter := range map[string]logrus.Formatter{"text": &logrus.TextFormatter{DisableColors: true}, "full": &logrus.TextFormatter{ForceColors: true, FullTimestamp: true}, "terminal": &logrus.TextFormatter{ForceColors: true}, "json": &logrus.JSONFormatter{}} {
		logger := logrus.New()
		logger.Out, logger.Formatter = create("logrus-"+name), formatter
		logger.WithField("sku", "A-19").Info("cart loaded")
		logger.Warn("stock low")
		logger.WithError(declined).Error("charge failed")
	}

	kit := kitlog.With(kitlog.NewLogfmtLogger(create("kit")), "ts", kitlog.DefaultTimestampUTC, "caller", kitlog.DefaultCaller)
	kit.Log("level", "info", "msg", "cart loaded")
	kit.Log("level", "error", "msg", "charge failed", "err", declined)

	for name, json := range map[string]bool{"hclog": false, "hclog-json": true} {
		logger := hclog.New(&hclog.LoggerOptions{Name: "agent", Output: create(name), JSONFormat: json})
		logger.Info("cart loaded", "sku", "A-19")
		logger.Error("charge failed", "error", declined)
	}

	klog.LogToStderr(false)
	klog.SetOutput(create("klog"))
	klog.Info("cart loaded")
	klog.InfoS("Pod not ready", "pod", "shop/checkout")
	klog.Errorf("charge failed: %v", declined)
	klog.Flush()
}
