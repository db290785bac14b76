"""The little that the contract's page does by itself: finding among ninety operations, and copying a command.

The page is whole without it: what the script needs, it puts there. It may run because its hash is in the page's policy;
nothing else may, and it can ask nobody for anything. The clipboard of newer browsers wants https, which many a house has not;
so the text is selected and copied the old way where it must be.
"""

from __future__ import annotations

import base64
import hashlib

SCRIPT = """
"use strict";
(function(){
  var nav=document.querySelector("nav"),field=document.createElement("input");
  field.type="search";field.placeholder="Find ( / )";field.setAttribute("aria-label","Find an operation");
  nav.querySelector(".brand").after(field);
  var groups=[].slice.call(nav.querySelectorAll(".group")).map(function(title){
    return {title:title,rows:[].slice.call(title.nextElementSibling.children)};
  });
  function find(){
    var words=field.value.toLowerCase().split(/\\s+/).filter(Boolean);
    groups.forEach(function(group){
      var name=group.title.textContent.toLowerCase(),left=0;
      group.rows.forEach(function(row){
        var text=(name+" "+row.textContent+" "+row.firstChild.title).toLowerCase();
        row.hidden=!words.every(function(word){return text.indexOf(word)>=0;});
        left+=row.hidden?0:1;
      });
      group.title.hidden=!left;
    });
  }
  field.addEventListener("input",find);
  field.addEventListener("keydown",function(event){
    var row=nav.querySelector("li:not([hidden]) a");
    if(event.key==="Enter"&&row){location.hash=row.hash;}
    if(event.key==="Escape"){field.value="";find();field.blur();}
  });
  document.addEventListener("keydown",function(event){
    if(event.key==="/"&&!event.ctrlKey&&!event.metaKey&&!event.altKey&&event.target!==field){
      event.preventDefault();field.focus();
    }
  });
  function copy(text){
    if(navigator.clipboard){return navigator.clipboard.writeText(text);}
    var area=document.createElement("textarea");
    area.value=text;document.body.append(area);area.select();
    var done=document.execCommand("copy");
    area.remove();
    return done?Promise.resolve():Promise.reject();
  }
  [].forEach.call(document.querySelectorAll("pre.copy"),function(block){
    var button=document.createElement("button"),frame=document.createElement("div");
    button.type="button";button.textContent="Copy";
    button.addEventListener("click",function(){
      copy(block.textContent).then(function(){button.textContent="Copied";},function(){button.textContent="Not copied";});
      setTimeout(function(){button.textContent="Copy";},2000);
    });
    frame.className="copying";block.before(frame);frame.append(block,button);
  });
})();
"""

_HASH = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_HASH}'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
