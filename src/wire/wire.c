typedef int wf_wire_room;  // until the room has its first source file
