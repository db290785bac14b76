// Search in a folder: a browser gives a page from the disk no worker, so the worker's program runs in an empty frame instead.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(program) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.room = frame.contentWindow;
      this.room.document.open();
      this.room.document.write("<!doctype html><body></body>");
      this.room.document.close();
      this.room.postMessage = (data) => this.tell(new MessageEvent("message", { data }));
      const script = this.room.document.createElement("script");
      this.ready = new Promise((heard) => script.addEventListener("load", heard));
      script.src = program;
      this.room.document.body.append(script);
      this.frame = frame;
    }
    tell(event) {
      this.onmessage?.(event);
      this.dispatchEvent(event);
    }
    postMessage(data) {
      this.ready.then(() => this.room.dispatchEvent(new MessageEvent("message", { data })));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
